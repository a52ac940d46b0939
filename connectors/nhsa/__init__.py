"""JSON as hospitals send it to the insurance platform (NHSA): settlement lists, front pages, reports.

What a field means is said by the profiles `nhsa_*`; here records are found, judged and laid out as cells.
"""
