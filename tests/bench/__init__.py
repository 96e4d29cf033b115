"""Speed, as ratios and differences taken side by side in one run; machines are noisy, so no test."""
