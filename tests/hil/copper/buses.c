// SPDX-License-Identifier: GPL-2.0-or-later
/* One I2C bus and one SPI bus: each takes whatever is sent, in the time it takes on a wire, and tells it. */
#include <linux/delay.h>
#include <linux/module.h>

#include "copper.h"

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
	bool data = read_line(dc_line);

	take_time((u64)transfer->len * 8, spi_hz);
	if (transfer->tx_buf)
		tell(SPI_DATA, spi_get_chipselect(device, 0), 0, data, transfer->tx_buf, transfer->len);
	if (transfer->rx_buf)
		memset(transfer->rx_buf, 0, transfer->len);
	return 0;
}

int add_i2c(void)
{
	copper.i2c.owner = THIS_MODULE;
	copper.i2c.algo = &i2c_algorithm;
	copper.i2c.nr = 1;
	copper.i2c.dev.parent = &copper.device->dev;
	strscpy(copper.i2c.name, "copper", sizeof(copper.i2c.name));
	return i2c_add_numbered_adapter(&copper.i2c);
}

int add_spi(void)
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
