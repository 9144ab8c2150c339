"""Speed of one forecast, against its goals and the plain form in the same run."""
