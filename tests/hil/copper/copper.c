// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * copper: what hangs on a Raspberry Pi's header, for a kernel without one.
 *
 * One GPIO chip that looks like the Pi's, with contacts wired between its lines as the key matrix has them: each
 * contact in series with a diode, anode at the row. A row with a pull-up is low while one of its closed contacts
 * leads to a low column, at once, as copper does. One I2C bus and one SPI bus take whatever is sent and keep it.
 *
 * /dev/copper, written: one command a line (several lines a write are fine):
 *	close ROW COLUMN	a contact closes		open ROW COLUMN		it opens
 *	watch LINE		changes of this output are told from now on
 *	await LINE COUNT	told when this input has been read COUNT more times
 * /dev/copper, read: records of struct record followed by `length` bytes, all numbers little endian. TIME is
 * CLOCK_MONOTONIC of this kernel, so that a contact and the bytes it causes are measured by one clock.
 *
 * GPIO interrupts are not offered: the phone polls (edge detection is broken on Linux 6.6 and later).
 */
#include <linux/delay.h>
#include <linux/gpio/driver.h>
#include <linux/i2c.h>
#include <linux/kfifo.h>
#include <linux/miscdevice.h>
#include <linux/module.h>
#include <linux/platform_device.h>
#include <linux/poll.h>
#include <linux/slab.h>
#include <linux/spi/spi.h>
#include <linux/uaccess.h>
#include <linux/vmalloc.h>

#define LINES 54		/* BCM2711: 58, BCM2837: 54; the header has 28 of them */
#define LOG_BYTES (1 << 21)	/* power of two; about 1,500 full frames of a 128x64 display */
#define COMMAND_BYTES 4096

enum what {
	CONTACT = 'C',		/* a = row, b = column, value = closed */
	LEVEL = 'L',		/* a = line, value = level of a watched output */
	READ_ENOUGH = 'R',	/* a = line: read as often as was asked for */
	I2C = 'I',		/* a = address, bytes as written */
	SPI_DATA = 'S',		/* a = chip select, value = level of the data/command line, bytes as sent */
};

struct record {
	u8 what;
	u8 a;
	u8 b;
	u8 value;
	__le32 length;
	__le64 time;
} __packed;

static int dc_line = 24;
module_param(dc_line, int, 0444);
MODULE_PARM_DESC(dc_line, "line of the display's data/command input, told with each SPI transfer");

static int display_address = 0x3c;
module_param(display_address, int, 0444);
MODULE_PARM_DESC(display_address, "the one I2C address that answers");

static int i2c_hz;
module_param(i2c_hz, int, 0644);
MODULE_PARM_DESC(i2c_hz, "speed of the I2C bus: a transfer takes its time; 0: none");

static int spi_hz;
module_param(spi_hz, int, 0644);
MODULE_PARM_DESC(spi_hz, "likewise for SPI");

static struct {
	spinlock_t wires;	/* protects the following */
	bool output[LINES];
	bool level[LINES];	/* of an output */
	bool pulled_up[LINES];
	bool watched[LINES];
	int reads_awaited[LINES];
	u64 contacts[LINES];	/* [anode]: bit of each cathode a closed contact leads to */

	spinlock_t log_lock;	/* protects the following */
	struct kfifo log;
	unsigned long lost;

	void *log_memory;
	wait_queue_head_t readers;
	struct mutex reading;
	struct gpio_chip gpio;
	struct i2c_adapter i2c;
	struct spi_controller *spi;
	struct platform_device *device;
} copper;

module_param_named(lost, copper.lost, ulong, 0444);
MODULE_PARM_DESC(lost, "records that nobody read in time");

/* --- the record of what happened ------------------------------------------------------------------------------ */

static void tell(enum what what, u8 a, u8 b, u8 value, const void *bytes, u32 length)
{
	struct record record = {
		.what = what, .a = a, .b = b, .value = value,
		.length = cpu_to_le32(length), .time = cpu_to_le64(ktime_get_ns()),
	};
	unsigned long flags;

	spin_lock_irqsave(&copper.log_lock, flags);
	if (kfifo_avail(&copper.log) >= sizeof(record) + length) {
		kfifo_in(&copper.log, (u8 *)&record, sizeof(record));
		kfifo_in(&copper.log, (const u8 *)bytes, length);
	} else {
		copper.lost++;
	}
	spin_unlock_irqrestore(&copper.log_lock, flags);
	wake_up_interruptible(&copper.readers);
}

/* --- wires ------------------------------------------------------------------------------------------------------- */

/* Level of a line, `wires` held. A diode passes a low output on to its anode; never a high one, never backwards. */
static bool level_of(unsigned int line)
{
	unsigned int cathode;

	if (copper.output[line])
		return copper.level[line];
	for (cathode = 0; cathode < LINES; cathode++)
		if (copper.contacts[line] & BIT_ULL(cathode) && copper.output[cathode] && !copper.level[cathode])
			return false;
	return copper.pulled_up[line];
}

static int line_direction(struct gpio_chip *chip, unsigned int line)
{
	return copper.output[line] ? GPIO_LINE_DIRECTION_OUT : GPIO_LINE_DIRECTION_IN;
}

static int line_level(struct gpio_chip *chip, unsigned int line)
{
	unsigned long flags;
	bool level, enough;

	spin_lock_irqsave(&copper.wires, flags);
	level = level_of(line);
	enough = copper.reads_awaited[line] && --copper.reads_awaited[line] == 0;
	spin_unlock_irqrestore(&copper.wires, flags);
	if (enough)
		tell(READ_ENOUGH, line, 0, 0, NULL, 0);
	return level;
}

static void drive(unsigned int line, bool output, bool level)
{
	unsigned long flags;
	bool before, changed;

	spin_lock_irqsave(&copper.wires, flags);
	before = copper.output[line] && copper.level[line];
	copper.output[line] = output;
	copper.level[line] = level;
	changed = copper.watched[line] && before != (output && level);
	spin_unlock_irqrestore(&copper.wires, flags);
	if (changed)
		tell(LEVEL, line, 0, output && level, NULL, 0);
}

static int line_input(struct gpio_chip *chip, unsigned int line)
{
	drive(line, false, false);
	return 0;
}

static int line_output(struct gpio_chip *chip, unsigned int line, int level)
{
	drive(line, true, level);
	return 0;
}

static void line_set(struct gpio_chip *chip, unsigned int line, int level)
{
	drive(line, copper.output[line], level);
}

static int line_configure(struct gpio_chip *chip, unsigned int line, unsigned long packed)
{
	switch (pinconf_to_config_param(packed)) {
	case PIN_CONFIG_BIAS_PULL_UP:
		copper.pulled_up[line] = true;
		return 0;
	case PIN_CONFIG_BIAS_PULL_DOWN:
	case PIN_CONFIG_BIAS_DISABLE:
		copper.pulled_up[line] = false;
		return 0;
	default:
		return -ENOTSUPP;
	}
}

/* --- buses ------------------------------------------------------------------------------------------------------- */

/* As long as the bytes take on a real wire; they are told when the last one is over. */
static void take_time(u64 bits, int hz)
{
	u64 us = hz > 0 ? div_u64(bits * 1000000, hz) : 0;

	if (us)
		usleep_range(us, us + 20);
}

static int i2c_transfer_all(struct i2c_adapter *adapter, struct i2c_msg *messages, int count)
{
	int i;

	for (i = 0; i < count; i++) {
		struct i2c_msg *message = &messages[i];

		if (message->addr != display_address)
			return -EREMOTEIO;
		take_time(((u64)message->len + 1) * 9, i2c_hz);
		if (message->flags & I2C_M_RD)
			memset(message->buf, 0, message->len);
		else
			tell(I2C, message->addr, 0, 0, message->buf, message->len);
	}
	return count;
}

static u32 i2c_functions(struct i2c_adapter *adapter)
{
	return I2C_FUNC_I2C | I2C_FUNC_SMBUS_EMUL;
}

static const struct i2c_algorithm i2c_algorithm = {
	.master_xfer = i2c_transfer_all,
	.functionality = i2c_functions,
};

static int spi_transfer_one(struct spi_controller *controller, struct spi_device *device, struct spi_transfer *transfer)
{
	bool data = line_level(NULL, dc_line);

	take_time((u64)transfer->len * 8, spi_hz);
	if (transfer->tx_buf)
		tell(SPI_DATA, spi_get_chipselect(device, 0), 0, data, transfer->tx_buf, transfer->len);
	if (transfer->rx_buf)
		memset(transfer->rx_buf, 0, transfer->len);
	return 0;
}

/* --- /dev/copper ------------------------------------------------------------------------------------------------- */

static int obey(const char *line)
{
	char word[8];
	int a, b, count = sscanf(line, "%7s %d %d", word, &a, &b);
	unsigned long flags;
	bool close;

	if (count < 2 || a < 0 || a >= LINES)
		return -EINVAL;
	if (count == 2 && !strcmp(word, "watch")) {
		copper.watched[a] = true;
		tell(LEVEL, a, 0, copper.output[a] && copper.level[a], NULL, 0);
		return 0;
	}
	if (count == 3 && !strcmp(word, "await") && b > 0) {
		spin_lock_irqsave(&copper.wires, flags);
		copper.reads_awaited[a] = b;
		spin_unlock_irqrestore(&copper.wires, flags);
		return 0;
	}
	close = !strcmp(word, "close");
	if (count != 3 || b < 0 || b >= LINES || a == b || (!close && strcmp(word, "open")))
		return -EINVAL;
	spin_lock_irqsave(&copper.wires, flags);
	if (close)
		copper.contacts[a] |= BIT_ULL(b);
	else
		copper.contacts[a] &= ~BIT_ULL(b);
	spin_unlock_irqrestore(&copper.wires, flags);
	tell(CONTACT, a, b, close, NULL, 0);
	return 0;
}

static ssize_t copper_write(struct file *file, const char __user *from, size_t size, loff_t *at)
{
	char *text, *rest, *line;
	int error = 0;

	if (size > COMMAND_BYTES)
		return -EINVAL;
	text = memdup_user_nul(from, size);
	if (IS_ERR(text))
		return PTR_ERR(text);
	rest = text;
	while (!error && (line = strsep(&rest, "\n")))
		error = *line ? obey(line) : 0;
	kfree(text);
	return error ? error : size;
}

static ssize_t copper_read(struct file *file, char __user *to, size_t size, loff_t *at)
{
	unsigned int copied;
	int error;

	if (wait_event_interruptible(copper.readers, !kfifo_is_empty(&copper.log)))
		return -ERESTARTSYS;
	mutex_lock(&copper.reading);
	error = kfifo_to_user(&copper.log, to, size, &copied);
	mutex_unlock(&copper.reading);
	return error ? error : copied;
}

static __poll_t copper_poll(struct file *file, poll_table *table)
{
	poll_wait(file, &copper.readers, table);
	return EPOLLOUT | (kfifo_is_empty(&copper.log) ? 0 : EPOLLIN);
}

static const struct file_operations copper_operations = {
	.owner = THIS_MODULE,
	.read = copper_read,
	.write = copper_write,
	.poll = copper_poll,
};

static struct miscdevice copper_file = {
	.minor = MISC_DYNAMIC_MINOR,
	.name = "copper",
	.fops = &copper_operations,
};

/* --- coming up (there is no way down: the machine goes with it) ------------------------------------------------- */

static int add_gpio(void)
{
	copper.gpio = (struct gpio_chip) {
		.label = "pinctrl-bcm2835",	/* by this name rpi-lgpio knows a Pi's header */
		.parent = &copper.device->dev,
		.owner = THIS_MODULE,
		.base = -1,
		.ngpio = LINES,
		.get_direction = line_direction,
		.direction_input = line_input,
		.direction_output = line_output,
		.get = line_level,
		.set = line_set,
		.set_config = line_configure,
	};
	return gpiochip_add_data(&copper.gpio, NULL);
}

static int add_i2c(void)
{
	copper.i2c.owner = THIS_MODULE;
	copper.i2c.algo = &i2c_algorithm;
	copper.i2c.nr = 1;
	copper.i2c.dev.parent = &copper.device->dev;
	strscpy(copper.i2c.name, "copper", sizeof(copper.i2c.name));
	return i2c_add_numbered_adapter(&copper.i2c);
}

static int add_spi(void)
{
	/* A name that the driver spidev takes by itself; the kernel refuses plain "spidev". */
	struct spi_board_info display = { .modalias = "dh2228fv", .max_speed_hz = 32000000, .mode = SPI_MODE_0 };
	int error;

	copper.spi = spi_alloc_host(&copper.device->dev, 0);
	if (!copper.spi)
		return -ENOMEM;
	copper.spi->bus_num = 0;
	copper.spi->num_chipselect = 2;
	copper.spi->mode_bits = SPI_MODE_X_MASK | SPI_CS_HIGH | SPI_NO_CS | SPI_3WIRE;
	copper.spi->max_speed_hz = 125000000;
	copper.spi->transfer_one = spi_transfer_one;
	error = spi_register_controller(copper.spi);
	if (error)
		return error;
	return spi_new_device(copper.spi, &display) ? 0 : -ENODEV;
}

static int __init copper_init(void)
{
	int error;

	spin_lock_init(&copper.wires);
	spin_lock_init(&copper.log_lock);
	init_waitqueue_head(&copper.readers);
	mutex_init(&copper.reading);
	copper.log_memory = vmalloc(LOG_BYTES);
	if (!copper.log_memory)
		return -ENOMEM;
	kfifo_init(&copper.log, copper.log_memory, LOG_BYTES);
	copper.device = platform_device_register_simple("copper", -1, NULL, 0);
	if (IS_ERR(copper.device))
		return PTR_ERR(copper.device);
	error = add_gpio();
	if (!error)
		error = add_i2c();
	if (!error)
		error = add_spi();
	return error ? error : misc_register(&copper_file);
}

module_init(copper_init);
MODULE_DESCRIPTION("A phone's copper for a kernel without a Raspberry Pi");
MODULE_LICENSE("GPL");
