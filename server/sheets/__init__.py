"""Tables that people hand in, and tables that are handed out: .xlsx, .xls, .ods, .csv, GeoJSON."""
