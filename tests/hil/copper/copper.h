/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the parts of the copper have in common: its state, and the record of what happened. See copper_main.c. */
#ifndef COPPER_H
#define COPPER_H

#include <linux/gpio/driver.h>
#include <linux/i2c.h>
#include <linux/kfifo.h>
#include <linux/mutex.h>
#include <linux/platform_device.h>
#include <linux/spi/spi.h>
#include <linux/spinlock.h>
#include <linux/wait.h>

#define LINES 54		/* BCM2711: 58, BCM2837: 54; the header has 28 of them */

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

struct copper {
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
};

extern struct copper copper;

/* One record more, lost where nobody reads. */
void tell(enum what what, u8 a, u8 b, u8 value, const void *bytes, u32 length);

/* Level of a line as its input reads it. */
bool read_line(unsigned int line);

/* The chip and the buses, on copper.device; 0 or an error. */
int add_gpio(void);
int add_i2c(void);
int add_spi(void);

#endif
