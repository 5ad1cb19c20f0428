import ComponentModel
import Testing

/// Declared supertypes of core types (WebAssembly 3.0, "Matching").
@Suite struct CoreSubtypeTests {
    @Test(arguments: [
        ("(sub (func))", "(sub $p (func))"),
        ("(sub (func (param (ref $p0))))", "(sub $p (func (param (ref null $p0))))"),
        ("(sub (func (result (ref null $p0))))", "(sub $p (func (result (ref $p0))))"),
        ("(sub (func (result anyref)))", "(sub $p (func (result i31ref)))"),
        ("(sub (func (result anyref)))", "(sub $p (func (result (ref none))))"),
        ("(sub (struct))", "(sub $p (struct (field i32) (field i8)))"),
        ("(sub (struct (field eqref)))", "(sub $p (struct (field arrayref) (field (mut i64))))"),
        ("(sub (struct (field (mut i8))))", "(sub final $p (struct (field (mut i8))))"),
        ("(sub (array anyref))", "(sub $p (array eqref))"),
        ("(sub (array (mut i16)))", "(sub $p (array (mut i16)))"),
    ])
    func whatLooksLikeItsSupertypeIsAccepted(parent: String, child: String) throws {
        try expectValid("(core type $p0 (sub (struct))) (core type $p \(parent)) (core type $c \(child))")
        try expectValid(
            "(core type (module (type $p0 (sub (struct))) (type $p \(parent)) (type $c \(child))))")
        try expectValid(
            "(core type (module (type $p0 (sub (struct))) (rec (type $p \(parent)) (type $c \(child)))))")
    }

    @Test(arguments: [
        ("(sub (func))", "(sub $p (struct))"),
        ("(sub (struct))", "(sub $p (array i8))"),
        ("(sub (func))", "(sub $p (func (param i32)))"),
        ("(sub (func))", "(sub $p (func (result i32)))"),
        ("(sub (func (param i32)))", "(sub $p (func (param i64)))"),
        ("(sub (func (param (ref null $p0))))", "(sub $p (func (param (ref $p0))))"),
        ("(sub (func (result (ref $p0))))", "(sub $p (func (result (ref null $p0))))"),
        ("(sub (func (result i31ref)))", "(sub $p (func (result anyref)))"),
        ("(sub (func (result funcref)))", "(sub $p (func (result (ref none))))"),
        ("(sub (struct (field i32)))", "(sub $p (struct))"),
        ("(sub (struct (field i8)))", "(sub $p (struct (field i16)))"),
        ("(sub (struct (field i32)))", "(sub $p (struct (field (mut i32))))"),
        ("(sub (struct (field (mut anyref))))", "(sub $p (struct (field (mut eqref))))"),
        ("(sub (array i8))", "(sub $p (array i32))"),
        ("(sub (array (mut i8)))", "(sub $p (array i8))"),
        ("(sub (struct))", "(sub $p (shared (struct)))"),
    ])
    func whatDoesNotIsRefused(parent: String, child: String) throws {
        let types = "(type $p0 (sub (struct))) (type $p \(parent))"
        try Refusal("(core type (module \(types) (type $c \(child))))", "sub type must match super type").check()
        try Refusal(
            "(core type $p0 (sub (struct))) (core type $p \(parent)) (core type $c \(child))",
            "sub type must match super type"
        ).check()
    }

    @Test(arguments: ["(func)", "(sub final (func))"])
    func finalTypesHaveNoSubtypes(parent: String) throws {
        try Refusal(
            "(core type (module (type $p \(parent)) (type (sub $p (func)))))",
            "sub type cannot have a final super type"
        ).check()
    }

    /// The component model's format has a prefix where tools write none.
    @Test(arguments: [[0x50, 0x00, 0x60, 0x00, 0x00], [0x00, 0x50, 0x00, 0x60, 0x00, 0x00]] as [[UInt8]])
    func openTypesInModuleTypesAreRead(type: [UInt8]) {
        let error = refusal(of: Refusal.file(section: 3, [0x01, 0x50, 0x01, 0x01] + type))
        #expect(error == nil, "\(String(describing: error))")
    }

    @Test func supertypesComeFirst() throws {
        let message = "supertypes must be defined before subtypes"
        try Refusal("(core type (module (rec (type $c (sub $p (func))) (type $p (sub (func))))))", message).check()
        try Refusal("(core type (module (rec (type $c (sub $c (func))))))", message).check()
    }

    @Test(arguments: [63, 64])
    func hierarchiesHaveABottom(depth: Int) throws {
        var types = "(type $t0 (sub (func)))"
        for index in 1...depth { types += " (type $t\(index) (sub $t\(index - 1) (func)))" }
        if depth <= 63 { return try expectValid("(core type (module \(types)))") }
        try Refusal("(core type (module \(types)))", "sub type hierarchy too deep").check()
    }
}
