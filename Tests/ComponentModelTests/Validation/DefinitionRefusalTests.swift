import ComponentModel
import Testing

/// Definitions that break a rule: index spaces, aliases, instances, core types, imports and exports.
@Suite struct DefinitionRefusalTests {
    /// Offsets by hand: sections begin at byte 8 with id and size, so that the first definition is at byte 11.
    private static let places: [Refusal] = [
        Refusal("(type (list 7))", "unknown type 7: type index out of bounds", at: 11),
        Refusal("(type u8) (type (list 7))", "unknown type 7", at: 12),
        Refusal("(type u8) (export \"a\" (func 0))", "unknown function 0", at: 15),
        Refusal("(type (instance (type u8) (type (list 7))))", "unknown type 7", at: 15),
        // A component in the component begins at byte 10, its first definition at byte 21.
        Refusal("(component (type (list 7)))", "unknown type 7", at: 21),
        Refusal("(component (component (type (list 7))))", "unknown type 7", at: 31),
        // The rule is about the component as a whole: its first byte.
        Refusal("(component (type $r (resource (rep i32))) \(Self.leak))", "local resource type found in exp", at: 10),
    ]

    /// Exports a component whose type mentions `$r`, which nothing exports.
    private static let leak =
        "(component $c (import \"r\" (type (sub resource))))"
        + " (export \"c\" (component $c) (component (import \"r\" (type (eq $r)))))"

    private static let indices: [Refusal] = [
        Refusal("(core instance (instantiate 3))", "unknown module 3: module index out of bounds"),
        Refusal(
            "(core module $m) (core instance (instantiate $m (with \"a\" (instance 9))))", "unknown core instance 9"),
        Refusal("(core instance (export \"a\" (func 3)))", "unknown function 3"),
        Refusal("(core instance (export \"a\" (table 3)))", "unknown table 3"),
        Refusal("(core instance (export \"a\" (memory 3)))", "unknown memory 3"),
        Refusal("(core instance (export \"a\" (global 3)))", "unknown global 3"),
        Refusal("(core instance (export \"a\" (tag 3)))", "unknown tag 3"),
        Refusal("(instance (instantiate 3))", "unknown component 3: component index out of bounds"),
        Refusal("(export \"a\" (func 3))", "unknown function 3"),
        Refusal("(export \"a\" (type 3))", "unknown type 3"),
        Refusal("(export \"a\" (instance 3))", "unknown instance 3"),
        Refusal("(export \"a\" (component 3))", "unknown component 3"),
        Refusal("(export \"a\" (core module 3))", "unknown module 3"),
        Refusal("(import \"a\" (func (type 3)))", "unknown type 3"),
        Refusal("(import \"a\" (instance (type 3)))", "unknown type 3"),
        Refusal("(import \"a\" (component (type 3)))", "unknown type 3"),
        Refusal("(import \"a\" (core module (type 3)))", "unknown type 3"),
        Refusal("(import \"a\" (type (eq 3)))", "unknown type 3"),
        Refusal("(alias export 3 \"a\" (func))", "unknown instance 3"),
        Refusal("(alias core export 3 \"a\" (core func))", "unknown core instance 3"),
        Refusal("(component (alias outer 1 3 (component)))", "unknown component 3"),
        Refusal("(component (alias outer 1 3 (core module)))", "unknown module 3"),
        Refusal("(component (alias outer 1 3 (core type)))", "unknown type 3"),
        Refusal("(component (alias outer 1 3 (type)))", "unknown type 3"),
        // Only what comes before counts.
        Refusal("(type (list 1)) (type u8)", "unknown type 1"),
    ]

    private static let sorts: [Refusal] = [
        Refusal("(type $f (func)) (type (list $f))", "type index 0 is not a defined type"),
        Refusal("(type $t u8) (import \"f\" (func (type $t)))", "type index 0 is not a function type"),
        Refusal("(type $t u8) (import \"f\" (instance (type $t)))", "type index 0 is not an instance type"),
        Refusal("(type $t u8) (import \"f\" (component (type $t)))", "type index 0 is not a component type"),
        Refusal(
            "(core type $t (func)) (import \"f\" (core module (type $t)))", "core type index 0 is not a module type"),
        Refusal("(type $t u8) (type (own $t))", "type index 0 is not a resource type"),
        Refusal("(core type $t (module)) (core type (struct (field (ref $t))))", "core type index 0 is a module type"),
    ]

    private static let aliases: [Refusal] = [
        Refusal("(instance $i) (alias export $i \"x\" (func))", "instance 0 has no export named `x`"),
        Refusal(
            "(component $c) (instance $i (export \"x\" (component $c))) (alias export $i \"x\" (func))",
            "export `x` for instance 0 is not a func"),
        Refusal(
            "(core module $m) (core instance $i (instantiate $m)) (alias core export $i \"x\" (core func))",
            "core instance 0 has no export named `x`"),
        Refusal(
            "(core module $m (memory (export \"x\") 1)) (core instance $i (instantiate $m))"
                + " (alias core export $i \"x\" (core func))", "export `x` for core instance 0 is not a func"),
        Refusal("(alias outer 1 0 (type))", "invalid outer alias count of 1"),
        Refusal("(component (alias outer 2 0 (type)))", "invalid outer alias count of 2"),
        Refusal("(core type (module (alias outer 9 0 (type))))", "invalid outer alias count of 9"),
        Refusal(
            "(type $r (resource (rep i32))) (component (alias outer 1 $r (type)))",
            "cannot alias outer type which transitively refers to resources not defined in the component"),
        Refusal(
            "(import \"r\" (type $r (sub resource))) (type $t (list (own $r))) (component (alias outer 1 $t (type)))",
            "transitively refers to resources"),
        Refusal(
            "(component $c) (type (component (alias outer 1 $c (component))))",
            "aliases in component types and instance types may only refer to types or instances"),
        Refusal(
            "(type (instance (export \"i\" (instance $i (export \"f\" (func)))) (alias export $i \"f\" (func))))",
            "may only refer to types or instances"),
    ]

    private static let instances: [Refusal] = [
        Refusal(
            "(core module $m (import \"a\" \"b\" (func))) (core instance (instantiate $m))",
            "missing module instantiation argument named `a`"),
        Refusal(
            "(core module $m) (core instance $i (instantiate $m))"
                + " (core instance (instantiate $m (with \"a\" (instance $i)) (with \"a\" (instance $i))))",
            "duplicate module instantiation argument named `a`"),
        Refusal(
            "(core module $m) (core instance $i (instantiate $m)) (core module $n (import \"a\" \"b\" (func)))"
                + " (core instance (instantiate $n (with \"a\" (instance $i))))",
            "module instantiation argument `a` does not export an item named `b`"),
        Refusal(
            "(core module $m (func (export \"b\") (param i32))) (core instance $i (instantiate $m))"
                + " (core module $n (import \"a\" \"b\" (func)))"
                + " (core instance (instantiate $n (with \"a\" (instance $i))))",
            "type mismatch for export `b` of module instantiation argument `a`: "
                + "expected: (func), found: (func (param i32))"),
        Refusal(
            "(core module $m (func (export \"b\"))) (core instance $i (instantiate $m))"
                + " (alias core export $i \"b\" (core func $f))"
                + " (core instance (export \"a\" (func $f)) (export \"a\" (func $f)))",
            "export name `a` already defined"),
        Refusal("(component $c (import \"x\" (func))) (instance (instantiate $c))", "missing import named `x`"),
        Refusal(
            "(component $c) (instance (instantiate $c (with \"a\" (component $c)) (with \"a\" (component $c))))",
            "instantiation argument `a` conflicts with previous argument `a`"),
        Refusal(
            "(component $c) (instance (export \"a\" (component $c)) (export \"A\" (component $c)))",
            "export name `A` conflicts with previous name `a`"),
    ]

    private static let coreTypes: [Refusal] = [
        Refusal("(core type (module (import \"a\" \"b\" (func (type 7)))))", "unknown type 7"),
        Refusal("(core type (module (alias outer 0 7 (type))))", "unknown type 7"),
        Refusal("(core type (module (alias outer 1 7 (type))))", "unknown type 7"),
        Refusal(
            "(core type (module (export \"a\" (func)) (export \"a\" (func))))", "export name `a` already defined"),
        Refusal(
            "(core type (module (import \"a\" \"b\" (func)) (import \"a\" \"b\" (func))))",
            "duplicate import name `a:b`"),
        Refusal(
            "(core module (import \"a\" \"b\" (func)) (import \"a\" \"b\" (memory 1)))", "duplicate import name `a:b`"),
        Refusal(
            "(core type (module (type $s (struct)) (import \"a\" \"b\" (func (type $s)))))",
            "type index 0 is not a function type"),
        Refusal("(core type (module (import \"a\" \"b\" (memory 1 (pagesize 2)))))", "invalid custom page size"),
        Refusal(
            "(core type (module (import \"a\" \"b\" (memory 2 1))))", "size minimum must not be greater than maximum"),
        Refusal("(core type (module (import \"a\" \"b\" (table 2 1 funcref))))", "size minimum must not be greater"),
        Refusal("(core type (module (import \"a\" \"b\" (memory 1 shared))))", "shared memory must have maximum size"),
        Refusal("(core type (module (import \"a\" \"b\" (memory 65537))))", "memory size must be at most 65536 pages"),
        Refusal(
            "(core type (module (import \"a\" \"b\" (memory 0 65537))))", "memory size must be at most 65536 pages"),
        Refusal(
            "(core type (module (import \"a\" \"b\" (memory i64 0 0x1_0000_0000_0001))))",
            "memory size must be at most 281474976710656 pages"),
    ]

    private static let externs: [Refusal] = [
        Refusal(
            "(type $t (record (field \"a\" u8))) (import \"f\" (func (param \"p\" $t)))",
            "func not valid to be used as import: it refers to a type that has no name outside"),
        Refusal(
            "(type $t (flags \"a\")) (import \"f\" (func (result (option $t))))", "func not valid to be used as import"),
        Refusal(
            "(type $r (resource (rep i32))) (import \"f\" (func (param \"p\" (own $r))))",
            "func not valid to be used as import"),
        Refusal(
            "(type $t (enum \"a\")) (type $u (option $t)) (import \"u\" (type (eq $u)))",
            "type not valid to be used as import"),
        Refusal(
            "(type $t (variant (case \"a\"))) (import \"i\" (instance (export \"f\" (func (param \"p\" $t)))))",
            "instance not valid to be used as import"),
        Refusal(
            "(import \"t\" (type $t (sub resource))) (import \"f\" (func $f (param \"p\" (own $t))))"
                + " (component $c (import \"t\" (type $t (sub resource)))"
                + " (import \"f\" (func $f (param \"p\" (own $t)))) (export \"f\" (func $f)))"
                + " (type $r (resource (rep i32))) (core module $m (func (export \"f\") (param i32)))"
                + " (core instance $m (instantiate $m))"
                + " (func $g (param \"p\" (own $r)) (canon lift (core func $m \"f\"))) (export \"g\" (func $g))",
            "func not valid to be used as export"),
        Refusal(
            "(type $r (resource (rep i32))) (import \"c\" (component (import \"r\" (type (eq $r)))))",
            "local resource type found in imports"),
        Refusal(
            "(type $r (resource (rep i32))) \(Self.leak)", "local resource type found in export but not exported itself"
        ),
        Refusal(
            "(import \"f\" (func $f)) (export \"g\" (func $f) (func (result u8)))",
            "ascribed type of export is not compatible with item's type: expected no result, found one"),
        Refusal(
            "(type $t u8) (export \"r\" (type $t) (type (sub resource)))",
            "ascribed type of export is not compatible with item's type: expected resource"),
        Refusal(
            "(instance $i) (export \"i\" (instance $i) (instance (export \"f\" (func))))",
            "missing expected export named `f`"),
        Refusal(
            "(instance $i) (export \"i\" (instance $i) (component))",
            "ascribed type of export is not compatible with item's type: expected component, found instance"),
    ]

    @Test(
        arguments: Self.places + Self.indices + Self.sorts + Self.aliases + Self.instances + Self.coreTypes
            + Self.externs)
    func brokenRulesAreNamed(_ refusal: Refusal) throws {
        try refusal.check()
    }

    // Not reached by any file, because the decoder refuses it first or an earlier lookup fixes the sort:
    // "a … cannot be the target of an outer alias", "not an instance type", "not a component type",
    // "not a function type" (of the arena), "not a core module" (of the scanner), and
    // "resources can only be defined within a concrete component" (of the validator).

    @Test(arguments: [
        "", "(type u8) (type (list 0))", "(component (component))",
        "(core module $m) (core instance (instantiate $m))",
        "(core type (module (import \"a\" \"b\" (memory 65536)) (export \"c\" (table i64 1 funcref))))",
        "(core type (module (import \"a\" \"b\" (memory 1 2 shared)) (import \"a\" \"c\" (memory 1 (pagesize 1)))))",
        "(core type (module (type $f (func)) (import \"a\" \"b\" (func (type $f)))))",
        "(core type $f (func)) (core type (module (alias outer 1 $f (type $g)) (export \"a\" (func (type $g)))))",
        "(type $t u8) (component (alias outer 1 $t (type)))",
        "(core module $m) (component (alias outer 1 $m (core module)))",
        "(component $c) (component (alias outer 1 $c (component)))",
        "(type $r (resource (rep i32))) (type (component (alias outer 1 $r (type))))",
        "(type $r (resource (rep i32))) (export \"r\" (type $r))",
        "(type $t (record (field \"a\" u8))) (import \"t\" (type $u (eq $t))) (import \"f\" (func (param \"p\" $u)))",
        "(type $t (option (list (tuple u8 string)))) (import \"f\" (func (param \"p\" $t)))",
        "(component $c (import \"x\" (func))) (component $d (import \"x\" (func $x))"
            + " (alias outer 1 $c (component $c)) (instance (instantiate $c (with \"x\" (func $x)))))",
        "(import \"f\" (func $f)) (export \"g\" (func $f) (func))",
        "(type $r (resource (rep i32))) (export \"r\" (type $r) (type (sub resource)))",
        "(instance $i) (export \"i\" (instance $i)) (export \"j\" (instance $i) (instance))",
        // Superfluous arguments do no harm.
        "(component $c) (instance $i) (instance (instantiate $c (with \"a\" (instance $i))))",
    ])
    func whatIsAllowedIsAccepted(fields: String) throws {
        try expectValid(fields)
    }
}
