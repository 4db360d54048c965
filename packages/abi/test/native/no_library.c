/* A shared library that is not ipcz. */
int some_other_function(void);
int some_other_function(void) { return 1; }
