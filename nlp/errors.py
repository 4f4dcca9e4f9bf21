"""The one error a user can mend."""


class InputError(ValueError):
    """Something given to us cannot be read or used, and the giver can mend it.

    The message is one or two plain sentences: where, what was found, what was expected and
    what to do. It never quotes transcript text. `code` is a stable word for programs.
    """

    def __init__(self, message: str, code: str = "bad_input"):
        super().__init__(message)
        self.code = code
