"""The rig: the product's program with its real drivers on copper without a Raspberry Pi."""
