"""Record batches read with care, by every client: no bytes in a topic stop us, or fill the memory.

docs/transport.md says what is checked, and what becomes of a batch that cannot be unpacked.
"""
