"""dBase tables: dBase III and IV, Clipper and FoxPro, with memo files; whole columns are cut, never single cells."""
