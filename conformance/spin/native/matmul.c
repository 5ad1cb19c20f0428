// A native extension of Python for WASI: `matmul(a, b)` of lists of lists of numbers. It stands in for NumPy, so that an
// application that imports a shared library is linked and run where NumPy's build cannot be had.
//
// What it uses of Python's C interface is declared here: the headers of Python for WASI are no package. The layouts are
// those of 32-bit CPython 3.14.

typedef struct Object Object;
typedef Object *(*Function)(Object *self, Object *arguments);

struct Head {
    int references;
    void *type;
};

struct Method {
    const char *name;
    Function function;
    int flags;
    const char *documentation;
};

struct Module {
    struct Head head;
    Object *(*init)(void);
    int index;
    Object *copy;
    const char *name;
    const char *documentation;
    int size;
    struct Method *methods;
    void *slots, *traverse, *clear, *free;
};

extern Object *PyModule_Create2(struct Module *, int version);
extern Object *PyTuple_GetItem(Object *, int);
extern int PyList_Size(Object *);
extern Object *PyList_GetItem(Object *, int);
extern Object *PyList_New(int);
extern int PyList_SetItem(Object *, int, Object *);
extern Object *PyNumber_Multiply(Object *, Object *);
extern Object *PyNumber_Add(Object *, Object *);
extern Object *PyLong_FromLong(long);
extern void Py_DecRef(Object *);
extern Object *PyExc_ValueError;
extern void PyErr_SetString(Object *, const char *);

static Object *product(Object *a, Object *b, int row, int column, int count) {
    Object *sum = PyLong_FromLong(0);
    for (int k = 0; sum && k < count; k++) {
        Object *term = PyNumber_Multiply(
            PyList_GetItem(PyList_GetItem(a, row), k), PyList_GetItem(PyList_GetItem(b, k), column));
        Object *next = term ? PyNumber_Add(sum, term) : 0;
        Py_DecRef(sum);
        Py_DecRef(term);
        sum = next;
    }
    return sum;
}

static Object *matmul(Object *self, Object *arguments) {
    Object *a = PyTuple_GetItem(arguments, 0), *b = PyTuple_GetItem(arguments, 1);
    if (!a || !b) return 0;
    int rows = PyList_Size(a), count = PyList_Size(b);
    if (rows < 1 || count < 1 || PyList_Size(PyList_GetItem(a, 0)) != count) {
        PyErr_SetString(PyExc_ValueError, "the shapes do not match");
        return 0;
    }
    int columns = PyList_Size(PyList_GetItem(b, 0));
    Object *result = PyList_New(rows);
    for (int i = 0; result && i < rows; i++) {
        Object *row = PyList_New(columns);
        for (int j = 0; row && j < columns; j++) {
            Object *value = product(a, b, i, j, count);
            if (!value) return 0;
            PyList_SetItem(row, j, value);
        }
        PyList_SetItem(result, i, row);
    }
    return result;
}

static struct Method methods[] = {{"matmul", matmul, 1, "The product of two matrices."}, {0}};
static struct Module module = {.head = {1, 0}, .name = "_matmul", .size = -1, .methods = methods};

Object *PyInit__matmul(void) { return PyModule_Create2(&module, 1013); }
