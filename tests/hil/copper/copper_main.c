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
#include <linux/miscdevice.h>
#include <linux/module.h>
#include <linux/poll.h>
#include <linux/slab.h>
#include <linux/uaccess.h>
#include <linux/vmalloc.h>

#include "copper.h"

#define LOG_BYTES (1 << 21)	/* power of two; about 1,500 full frames of a 128x64 display */
#define COMMAND_BYTES 4096

struct copper copper;

module_param_named(lost, copper.lost, ulong, 0444);
MODULE_PARM_DESC(lost, "records that nobody read in time");

/* --- the record of what happened ------------------------------------------------------------------------------ */

void tell(enum what what, u8 a, u8 b, u8 value, const void *bytes, u32 length)
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
