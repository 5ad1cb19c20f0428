import ComponentModel
import Testing

/// What may be supplied where something is wanted, and what the message says where it may not.
@Suite struct SubtypingTests {
    /// Instantiates a component that imports a value type with another one.
    private func value(_ supplied: String, _ wanted: String) -> String {
        "(component $c (type $w \(wanted)) (import \"t\" (type (eq $w)))) (type $s \(supplied))"
            + " (instance (instantiate $c (with \"t\" (type $s))))"
    }

    @Test(arguments: [
        ("u8", "u16", "expected primitive `u16` found primitive `u8`"),
        ("string", "(list char)", "expected list, found string"),
        ("(list char)", "string", "expected primitive, found list"),
        ("(tuple u8)", "(record (field \"a\" u8))", "expected record, found tuple"),
        ("(record (field \"a\" u8))", "(record (field \"a\" u8) (field \"b\" u8))", "expected 2 fields, found 1"),
        ("(record (field \"a\" u8))", "(record (field \"b\" u8))", "expected field name `b`, found `a`"),
        (
            "(record (field \"a\" u8))", "(record (field \"a\" string))",
            "type mismatch in record field `a`: expected primitive `string` found primitive `u8`"
        ),
        ("(variant (case \"a\"))", "(variant (case \"a\") (case \"b\"))", "expected 2 cases, found 1"),
        ("(variant (case \"a\"))", "(variant (case \"b\"))", "expected case named `b`, found `a`"),
        ("(variant (case \"a\" u8))", "(variant (case \"a\" s8))", "type mismatch in variant case `a`"),
        ("(variant (case \"a\"))", "(variant (case \"a\" u8))", "expected case `a` to have a type, found none"),
        ("(variant (case \"a\" u8))", "(variant (case \"a\"))", "expected case `a` to have no type"),
        ("(list u8)", "(list s8)", "type mismatch in list"),
        ("(list u8 3)", "(list u8 4)", "expected fixed-length list of 4, found one of 3"),
        ("(list u8 3)", "(list s8 3)", "type mismatch in fixed-length list"),
        ("(list u8 3)", "(list u8)", "expected list, found fixed-length list"),
        ("(map string u8)", "(map char u8)", "type mismatch in map key"),
        ("(map string u8)", "(map string u16)", "type mismatch in map value"),
        ("(tuple u8 u8)", "(tuple u8)", "expected 1 types, found 2"),
        ("(tuple u8 u8)", "(tuple u8 s8)", "type mismatch in tuple field 1"),
        ("(flags \"a\")", "(flags \"b\")", "mismatch in flags elements"),
        ("(flags \"a\" \"b\")", "(flags \"b\" \"a\")", "mismatch in flags elements"),
        ("(enum \"a\")", "(enum \"a\" \"b\")", "mismatch in enum elements"),
        ("(option u8)", "(option s8)", "type mismatch in option"),
        ("(result u8)", "(result s8)", "type mismatch in ok variant"),
        ("(result)", "(result s8)", "expected ok type, but found none"),
        ("(result s8)", "(result)", "expected ok type to not be present"),
        ("(result (error u8))", "(result (error s8))", "type mismatch in err variant"),
        ("(result)", "(result (error u8))", "expected err type, but found none"),
        ("(result (error u8))", "(result)", "expected err type to not be present"),
        ("(stream u8)", "(stream s8)", "type mismatch in element"),
        ("(stream)", "(stream u8)", "expected element type, but found none"),
        ("(stream u8)", "(stream)", "expected element type to not be present"),
        ("(future u8)", "(stream u8)", "expected stream, found future"),
        ("(func)", "u8", "expected defined type, found func"),
        ("u8", "(func)", "expected func, found defined type"),
        ("(func (param \"a\" u8))", "(func (param \"a\" s8))", "type mismatch in function parameter `a`"),
        // Deep inside, each step on the way is named.
        (
            "(list (option (tuple u8)))", "(list (option (tuple u16)))",
            "type mismatch in list: type mismatch in option: type mismatch in tuple field 0: expected primitive `u16`"
        ),
    ])
    func valueTypesMustBeEqual(supplied: String, wanted: String, message: String) throws {
        try Refusal(self.value(supplied, wanted), message).check()
        try expectValid(self.value(supplied, supplied))
        try expectValid(self.value(wanted, wanted))
    }

    @Test func definitionsOfPrimitivesAreThose() throws {
        try expectValid(
            "(component $c (type $w (list u8)) (import \"t\" (type (eq $w)))) (type $u u8) (type $s (list $u))"
                + " (instance (instantiate $c (with \"t\" (type $s))))")
        try Refusal(
            "(component $c (type $w (list u8)) (import \"t\" (type (eq $w)))) (type $u u16) (type $s (list $u))"
                + " (instance (instantiate $c (with \"t\" (type $s))))",
            "type mismatch in list: expected primitive `u8` found primitive `u16`"
        ).check()
    }

    // MARK: Entities

    /// Instantiates a component that imports something with something else of the given sort.
    private func entity(_ supplied: String, _ wanted: String, _ sort: String) -> String {
        // The component to instantiate comes first of its sort.
        "(component $c (import \"x\" \(wanted))) (import \"x\" \(supplied))"
            + " (instance (instantiate $c (with \"x\" (\(sort) \(sort == "component" ? 1 : 0)))))"
    }

    @Test(arguments: [
        ("(func async)", "(func)", "expected sync function, found async function"),
        ("(func)", "(func async)", "expected async function, found sync function"),
        ("(func (param \"a\" u8))", "(func)", "expected 0 parameters, found 1"),
        ("(func (param \"a\" u8))", "(func (param \"b\" u8))", "expected parameter named `b`, found `a`"),
        (
            "(func (param \"a\" u8))", "(func (param \"a\" u16))",
            "type mismatch for import `x`: type mismatch in function parameter `a`: expected primitive `u16`"
        ),
        ("(func (result u8))", "(func (result s8))", "type mismatch with result type"),
        ("(func (result u8))", "(func)", "expected a result, found none"),
        ("(func)", "(func (result u8))", "expected no result, found one"),
        ("(func)", "(instance)", "expected instance, found func"),
        ("(func)", "(component)", "expected component, found func"),
        ("(func)", "(core module)", "expected module, found func"),
        ("(func)", "(type (eq u8))", "expected type, found func"),
    ])
    func functionTypesMustBeEqual(supplied: String, wanted: String, message: String) throws {
        try Refusal(self.entity(supplied, wanted.replacing("(eq u8)", with: "(sub resource)"), "func"), message)
            .check()
        try expectValid(self.entity(supplied, supplied, "func"))
    }

    @Test(arguments: [
        ("(instance)", "(instance (export \"f\" (func)))", "missing expected export `f`"),
        (
            "(instance (export \"f\" (func (result u8))))", "(instance (export \"f\" (func)))",
            "type mismatch in instance export `f`: expected a result, found none"
        ),
        (
            "(instance (export \"f\" (instance)))", "(instance (export \"f\" (func)))",
            "type mismatch in instance export `f`: expected func, found instance"
        ),
        (
            "(instance (export \"i\" (instance (export \"f\" (func (param \"p\" u8))))))",
            "(instance (export \"i\" (instance (export \"f\" (func)))))",
            "instance export `i`: type mismatch in instance export `f`: expected 0 parameters, found 1"
        ),
        ("(instance)", "(instance (export \"r\" (type (sub resource))))", "missing expected export `r`"),
        (
            "(instance (export \"a\" (type (sub resource))) (export \"b\" (type (sub resource))))",
            "(instance (export \"a\" (type $a (sub resource))) (export \"b\" (type (eq $a))))",
            "resource types are not the same"
        ),
        (
            "(instance (export \"a\" (type $a (sub resource))) (export \"b\" (type $b (sub resource)))"
                + " (export \"f\" (func (param \"p\" (own $a)))))",
            "(instance (export \"a\" (type $a (sub resource))) (export \"b\" (type $b (sub resource)))"
                + " (export \"f\" (func (param \"p\" (own $b)))))", "resource types are not the same"
        ),
        (
            "(instance (export \"a\" (type $a (sub resource))) (export \"f\" (func (param \"p\" (own $a)))))",
            "(instance (export \"a\" (type $a (sub resource))) (export \"f\" (func (param \"p\" (borrow $a)))))",
            "expected borrow, found own"
        ),
    ])
    func instancesMayHaveMore(supplied: String, wanted: String, message: String) throws {
        try Refusal(self.entity(supplied, wanted, "instance"), message).check()
        try expectValid(self.entity(supplied, supplied, "instance"))
        try expectValid(self.entity(wanted, wanted, "instance"))
        try expectValid(self.entity(supplied, "(instance)", "instance"))
    }

    @Test(arguments: [
        ("(component (import \"f\" (func)))", "(component)", "missing import named `f`"),
        ("(component)", "(component (export \"f\" (func)))", "missing export named `f`"),
        (
            "(component (import \"f\" (func)))", "(component (import \"f\" (func (result u8))))",
            "type mismatch for import `f`: expected a result, found none"
        ),
        (
            "(component (export \"f\" (func)))", "(component (export \"f\" (instance)))",
            "type mismatch for export `f`: expected instance, found func"
        ),
        (
            "(component (import \"i\" (instance (export \"f\" (func)))))", "(component (import \"i\" (instance)))",
            "missing expected export `f`"
        ),
    ])
    func componentsMayImportLessAndExportMore(supplied: String, wanted: String, message: String) throws {
        try Refusal(self.entity(supplied, wanted, "component"), message).check()
        try expectValid(self.entity(supplied, supplied, "component"))
        try expectValid(self.entity(wanted, wanted, "component"))
    }

    @Test(arguments: [
        ("(component)", "(component (import \"f\" (func)))"),
        ("(component (export \"f\" (func)))", "(component)"),
        (
            "(component (import \"i\" (instance)))", "(component (import \"i\" (instance (export \"f\" (func)))))"
        ),
        (
            "(component (export \"r\" (type $r (sub resource))) (export \"f\" (func (param \"p\" (own $r)))))",
            "(component (export \"r\" (type $r (sub resource))) (export \"f\" (func (param \"p\" (own $r)))))"
        ),
        (
            "(component (import \"r\" (type $r (sub resource))) (export \"f\" (func (param \"p\" (own $r)))))",
            "(component (import \"r\" (type $r (sub resource))) (export \"f\" (func (param \"p\" (own $r)))))"
        ),
    ])
    func smallerComponentsDo(supplied: String, wanted: String) throws {
        try expectValid(self.entity(supplied, wanted, "component"))
    }

    @Test(arguments: [
        // The same resource type may be supplied for two.
        "(component $c (import \"a\" (type (sub resource))) (import \"b\" (type (sub resource))))"
            + " (type $r (resource (rep i32))) (instance (instantiate $c (with \"a\" (type $r)) (with \"b\" (type $r))))",
        "(component $c (import \"a\" (type $a (sub resource))) (import \"f\" (func (param \"p\" (borrow $a)))))"
            + " (import \"r\" (type $r (sub resource))) (import \"f\" (func $f (param \"p\" (borrow $r))))"
            + " (instance (instantiate $c (with \"a\" (type $r)) (with \"f\" (func $f))))",
    ])
    func resourcesStandForTheirImports(fields: String) throws {
        try expectValid(fields)
    }

    @Test(arguments: [
        (
            "(component $c (import \"a\" (type $a (sub resource))) (import \"b\" (type (eq $a))))"
                + " (type $r (resource (rep i32))) (type $s (resource (rep i32)))"
                + " (instance (instantiate $c (with \"a\" (type $r)) (with \"b\" (type $s))))",
            "type mismatch for import `b`: resource types are not the same"
        ),
        (
            "(component $c (import \"a\" (type (sub resource)))) (type $t u8)"
                + " (instance (instantiate $c (with \"a\" (type $t))))",
            "type mismatch for import `a`: expected resource, found defined type"
        ),
        // Each instance of a component has resource types of its own.
        (
            "(component $d (type $r (resource (rep i32))) (export \"r\" (type $r)))"
                + " (instance $d1 (instantiate $d)) (instance $d2 (instantiate $d))"
                + " (component $c (import \"a\" (type $a (sub resource))) (import \"b\" (type (eq $a))))"
                + " (instance (instantiate $c (with \"a\" (type $d1 \"r\")) (with \"b\" (type $d2 \"r\"))))",
            "type mismatch for import `b`: resource types are not the same"
        ),
    ])
    func resourcesAreOnlyThemselves(fields: String, message: String) throws {
        try Refusal(fields, message).check()
    }

    // MARK: Core modules

    @Test(arguments: [
        ("", "(export \"f\" (func))", "missing expected export `f`"),
        ("(import \"a\" \"b\" (func))", "", "missing expected import `a::b`"),
        (
            "(import \"a\" \"b\" (func))", "(import \"a\" \"b\" (memory 1))",
            "type mismatch in import `a::b`: expected func, found memory"
        ),
        (
            "(export \"f\" (func (param i32)))", "(export \"f\" (func))",
            "type mismatch in export `f`: expected: (func), found: (func (param i32))"
        ),
        ("(export \"f\" (tag))", "(export \"f\" (tag (param i32)))", "expected tag type (func (param i32))"),
        ("(export \"f\" (global i32))", "(export \"f\" (global i64))", "expected global type i64, found i32"),
        ("(export \"f\" (global i32))", "(export \"f\" (global (mut i32)))", "global types differ in mutability"),
        ("(export \"f\" (global (shared i32)))", "(export \"f\" (global i32))", "differ in the shared flag"),
        (
            "(export \"f\" (global (mut i31ref)))", "(export \"f\" (global (mut anyref)))",
            "expected global type (ref null any), found (ref null i31)"
        ),
        (
            "(export \"f\" (table 1 funcref))", "(export \"f\" (table 1 externref))",
            "expected table element type externref, found funcref"
        ),
        ("(export \"f\" (table 1 funcref))", "(export \"f\" (table 2 funcref))", "mismatch in table limits"),
        ("(export \"f\" (table 1 funcref))", "(export \"f\" (table 1 9 funcref))", "mismatch in table limits"),
        ("(export \"f\" (table i64 1 funcref))", "(export \"f\" (table 1 funcref))", "mismatch in table limits"),
        (
            "(export \"f\" (table shared 1 2 (ref null (shared func))))",
            "(export \"f\" (table 1 2 (ref null (shared func))))", "mismatch in the shared flag for tables"
        ),
        ("(export \"f\" (memory 1))", "(export \"f\" (memory 2))", "mismatch in memory limits"),
        ("(export \"f\" (memory 1))", "(export \"f\" (memory 1 2))", "mismatch in memory limits"),
        ("(export \"f\" (memory 1 3))", "(export \"f\" (memory 1 2))", "mismatch in memory limits"),
        ("(export \"f\" (memory i64 1))", "(export \"f\" (memory 1))", "mismatch in index type used for memories"),
        ("(export \"f\" (memory 1 2 shared))", "(export \"f\" (memory 1 2))", "mismatch in the shared flag for mem"),
        ("(export \"f\" (memory 1 (pagesize 1)))", "(export \"f\" (memory 1))", "mismatch in the page size"),
    ])
    func modulesMustFit(supplied: String, wanted: String, message: String) throws {
        try Refusal(self.entity("(core module \(supplied))", "(core module \(wanted))", "core module"), message).check()
        try expectValid(self.entity("(core module \(supplied))", "(core module \(supplied))", "core module"))
    }

    @Test(arguments: [
        ("", "(import \"a\" \"b\" (func))"), ("(export \"f\" (func))", ""),
        ("(export \"f\" (memory 2 3))", "(export \"f\" (memory 1 4))"),
        ("(export \"f\" (table 2 3 funcref))", "(export \"f\" (table 1 funcref))"),
        ("(export \"f\" (global i31ref))", "(export \"f\" (global anyref))"),
        ("(export \"f\" (global (ref none)))", "(export \"f\" (global (ref null struct)))"),
        ("(import \"a\" \"b\" (memory 1))", "(import \"a\" \"b\" (memory 2))"),
        (
            "(type $p (sub (func))) (type $c (sub $p (func))) (export \"f\" (func (type $c)))",
            "(type $p (sub (func))) (export \"f\" (func (type $p)))"
        ),
        (
            "(type $s (sub (struct))) (export \"f\" (global (ref 0)))", "(export \"f\" (global (ref null eq)))"
        ),
    ])
    func largerModulesDo(supplied: String, wanted: String) throws {
        try expectValid(self.entity("(core module \(supplied))", "(core module \(wanted))", "core module"))
    }
}
