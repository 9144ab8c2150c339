"""From published figures to parameter draws (needs the extra ``calibrate``)."""
