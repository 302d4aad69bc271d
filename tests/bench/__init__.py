"""The numbers: deskphone beside pjsua and baresip on the same machine, in the same run, under the same caller."""
