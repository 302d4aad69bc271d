/* Counters of what the doors dropped or mended: one atomic number a kind, for the journal and for tests. */
#include "counts.h"

static const char *const names[COUNT_KINDS] = {
    "via", "rate", "hook", "unreadable", "mended", "answered", "challenge", "sdp", "rtp", "rtcp", "latched",
};

static unsigned long long numbers[COUNT_KINDS];

void count(count_kind kind)
{
    __atomic_fetch_add(&numbers[kind], 1, __ATOMIC_RELAXED);
}

PyObject *counts_all(PyObject *module, PyObject *unused)
{
    PyObject *all = PyDict_New();

    (void)module, (void)unused;
    for (int kind = 0; all && kind < COUNT_KINDS; ++kind) {
        PyObject *number = PyLong_FromUnsignedLongLong(__atomic_load_n(&numbers[kind], __ATOMIC_RELAXED));
        if (!number || PyDict_SetItemString(all, names[kind], number) < 0)
            Py_CLEAR(all);
        Py_XDECREF(number);
    }
    return all;
}
