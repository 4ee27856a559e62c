"""How it is put together: settings, wiring, HTTP server, command line."""

import os

# The model is small: several threads of the linear algebra library wait for each other longer than they compute, the
# more so where other programs use the cores. Set before numpy is first imported; an operator may set another number.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
