"""What is said when a database refuses: one sentence a fact, with what to do; a dialect adds its own number to it."""

REFUSED = "The database refused the user or the password. Correct the address"
NO_VIEW = "There is no view or column of this name, capitals and all. Correct the description"
NOT_ALLOWED = "The user may not read this view. Ask the database's keeper for SELECT on it"
NO_SENSE = "The database does not understand the question: two columns of one name, or an unknown function. Correct it"
BAD_DATA = "The view itself fails on some row, at a conversion. Ask whoever made the view"
TOO_SLOW = (
    "A question took longer than `statement_timeout` and was stopped by the database. "
    "Ask for an index on the watermark, or for a lower `row_cap`"
)
LOCKED = "Somebody holds a lock on the view for longer than `lock_timeout`. Ask again later"
TOO_OLD = "The database could not keep the snapshot for so long. Ask again later, with a lower `row_cap`"
STOPPED = "The database ended the connection. What had landed stays; ask again later"
