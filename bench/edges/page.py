def page_of(results, acts):
    return ""
