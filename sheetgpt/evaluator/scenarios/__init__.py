"""A workbook as a function: values into some cells, the values of others out, for one scenario or for many at once.

function         what is put in and what comes out (BookFunction); each scenario alone, the ordinary way
together         all scenarios of a formula as one batch, in an order that does for all of them
scenario_book    where the values of cells differ from scenario to scenario
scenario_values  what a caller gives, as cells hold it
"""
