"""Model -> Book: where every number and every formula of the workbook stands."""
