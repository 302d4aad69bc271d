// SPDX-License-Identifier: GPL-2.0-or-later
/* The GPIO chip: contacts with diodes between its lines, as the key matrix has them. */
#include "copper.h"

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

bool read_line(unsigned int line)
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

static int line_level(struct gpio_chip *chip, unsigned int line)
{
	return read_line(line);
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

int add_gpio(void)
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
