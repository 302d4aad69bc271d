/* The first and the last word on the display: one picture to an SSD1306 or SH1106, then gone.
 *
 * No library, no configuration but its arguments, some milliseconds: it runs before anything else does. It may
 * fail in any way without harm; the phone itself drives the display afterwards.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/gpio.h>
#include <linux/i2c-dev.h>
#include <linux/spi/spidev.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "off.xbm"
#include "starting.xbm"

enum { WIDTH = starting_width, HEIGHT = starting_height, PAGES = HEIGHT / 8, SH1106_OFFSET = 2 };

struct display {
    int bus;      /* file descriptor */
    int dc;       /* line handle of the data/command pin; -1: control bytes as on I2C */
    int sh1106;   /* 132 columns of memory, no horizontal addressing */
    int turned;   /* mounted upside down: the display counts columns and rows the other way round */
};

static int failed(const char *what)
{
    fprintf(stderr, "splash: %s: %s\n", what, strerror(errno));
    return -1;
}

static int put(const struct display *to, int data, const uint8_t *bytes, size_t count)
{
    uint8_t message[1 + WIDTH];

    if (to->dc >= 0) {
        struct gpio_v2_line_values level = { .bits = (uint64_t)data, .mask = 1 };
        if (ioctl(to->dc, GPIO_V2_LINE_SET_VALUES_IOCTL, &level) < 0)
            return failed("data/command pin");
        return write(to->bus, bytes, count) == (ssize_t)count ? 0 : failed("SPI");
    }
    message[0] = data ? 0x40 : 0x00;
    memcpy(message + 1, bytes, count);
    return write(to->bus, message, count + 1) == (ssize_t)count + 1 ? 0 : failed("I2C");
}

/* An XBM's row bytes (lowest bit left) to one page of the display (a byte a column, lowest bit on top). */
static void page_of(const unsigned char *picture, int page, uint8_t *columns)
{
    for (int x = 0; x < WIDTH; x++) {
        columns[x] = 0;
        for (int bit = 0; bit < 8; bit++) {
            int y = page * 8 + bit;
            columns[x] |= (uint8_t)((picture[y * WIDTH / 8 + x / 8] >> (x % 8) & 1) << bit);
        }
    }
}

/* Power-up as in the SSD1306's application note; the SH1106 ignores what it has not. */
static int draw(const struct display *to, const unsigned char *picture)
{
    const uint8_t columns_from = to->turned ? 0xA0 : 0xA1, rows_from = to->turned ? 0xC0 : 0xC8;
    const uint8_t start[] = {
        0xAE, 0xD5, 0x80, 0xA8, HEIGHT - 1, 0xD3, 0x00, 0x40, 0x8D, 0x14, 0x20, 0x02, columns_from, rows_from,
        0xDA, 0x12, 0x81, 0x7F, 0xD9, 0xF1, 0xDB, 0x40, 0xA4, 0xA6,
    };
    static const uint8_t on[] = { 0xAF };
    int offset = to->sh1106 ? SH1106_OFFSET : 0;

    if (put(to, 0, start, sizeof start))
        return -1;
    for (int page = 0; page < PAGES; page++) {
        uint8_t columns[WIDTH];
        uint8_t place[] = { (uint8_t)(0xB0 + page), (uint8_t)(offset & 15), (uint8_t)(0x10 + (offset >> 4)) };
        page_of(picture, page, columns);
        if (put(to, 0, place, sizeof place) || put(to, 1, columns, sizeof columns))
            return -1;
    }
    return put(to, 0, on, sizeof on);
}

static int open_pin(const char *chip, unsigned number)
{
    struct gpio_v2_line_request request = { .num_lines = 1 };
    int fd = open(chip, O_RDWR | O_CLOEXEC);

    if (fd < 0)
        return failed(chip);
    request.offsets[0] = number;
    request.config.flags = GPIO_V2_LINE_FLAG_OUTPUT;
    strcpy(request.consumer, "splash");
    if (ioctl(fd, GPIO_V2_GET_LINE_IOCTL, &request) < 0)
        return failed("data/command pin");
    return request.fd;
}

static int open_spi(struct display *to, char **words)
{
    uint32_t speed = (uint32_t)strtoul(words[1], NULL, 10);

    to->bus = open(words[0], O_RDWR | O_CLOEXEC);
    if (to->bus < 0 || ioctl(to->bus, SPI_IOC_WR_MAX_SPEED_HZ, &speed) < 0)
        return failed(words[0]);
    to->dc = open_pin(words[2], (unsigned)strtoul(words[3], NULL, 10));
    return to->dc < 0 ? -1 : 0;
}

static int open_i2c(struct display *to, char **words)
{
    to->dc = -1;
    to->bus = open(words[0], O_RDWR | O_CLOEXEC);
    if (to->bus < 0 || ioctl(to->bus, I2C_SLAVE, strtoul(words[1], NULL, 0)) < 0)
        return failed(words[0]);
    return 0;
}

/* For the tests: what would go over I2C, into a file. */
static int open_file(struct display *to, const char *path)
{
    to->dc = -1;
    to->bus = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    return to->bus < 0 ? failed(path) : 0;
}

int main(int count, char **words)
{
    struct display display = { -1, -1, 0, 0 };
    int opened = -2;

    if (count >= 5) {
        char *turn = strchr(words[2], '/');
        if (turn && !strcmp(turn, "/180")) {
            display.turned = 1;
            *turn = '\0';
        }
        display.sh1106 = !strcmp(words[2], "sh1106");
        if (!strcmp(words[3], "spi") && count == 8)
            opened = open_spi(&display, words + 4);
        else if (!strcmp(words[3], "i2c") && count == 6)
            opened = open_i2c(&display, words + 4);
        else if (!strcmp(words[3], "file") && count == 5)
            opened = open_file(&display, words[4]);
    }
    if (opened == -2 || (strcmp(words[2], "ssd1306") && !display.sh1106)) {
        fputs("usage: splash starting|off ssd1306|sh1106[/180] spi DEVICE HZ GPIOCHIP PIN | i2c DEVICE ADDRESS | file PATH\n",
              stderr);
        return 64;
    }
    if (opened)
        return 69;
    return draw(&display, strcmp(words[1], "off") ? starting_bits : off_bits) ? 74 : 0;
}
