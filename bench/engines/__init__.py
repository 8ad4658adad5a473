"""The same detectors under four engines, and what each engine adds to them."""
