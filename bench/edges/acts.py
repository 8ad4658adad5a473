def done_acts():
    return []
