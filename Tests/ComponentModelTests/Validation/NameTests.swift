import ComponentModel
import Testing

/// Names of imports and exports: their syntax, uniqueness, annotations and attributes.
@Suite struct NameTests {
    @Test(arguments: [
        ("", "`` is not in kebab case"), ("a_b", "is not in kebab case"), ("a--b", "is not in kebab case"),
        ("-a", "is not in kebab case"), ("a-", "is not in kebab case"), ("1a", "is not in kebab case"),
        ("aB", "is not in kebab case"), ("a b", "is not in kebab case"), ("ä", "is not in kebab case"),
        ("[constructor]", "is not in kebab case"), ("[constructor]a.b", "is not in kebab case"),
        ("[method]a", "failed to find `.` character in `a`"), ("[static]a", "failed to find `.` character"),
        ("[method]a.b.c", "is not in kebab case"), ("[method].b", "is not in kebab case"),
        ("[method]a.", "is not in kebab case"), ("[other]a", "unknown annotation `[other]`"),
        (":", "is not in kebab case"), ("a:", "is not in kebab case"), ("a:b", "expected `/` after package name"),
        ("a:b/", "is not in kebab case"), ("a:b/c/d", "trailing characters found: `/d`"),
        ("A:b/c", "in lower case"), ("a:B/c", "in lower case"), ("a:b:c/d", "expected `/` after package name"),
        ("a:b@1.0.0", "expected `/` after package name"),
        ("a@1:b/c", "is not a valid semver"), ("x/y@1.0.0:", "is not a valid semver"),
        // Without a colon it is no interface: "has no `:` after a namespace" is for what hosts look up.
        ("a/b@1.0.0", "is not in kebab case"),
        ("a:b/c@", "empty string, expected a semver version"),
        ("a:b/c@0", "unexpected end of input while parsing major version number"),
        ("a:b/c@x.0.0", "unexpected character 'x' while parsing major version number"),
        ("a:b/c@1.", "unexpected end of input while parsing minor version number"),
        ("a:b/c@1.2", "unexpected end of input while parsing minor version number"),
        ("a:b/c@1x2.3", "unexpected character 'x' after major version number"),
        ("a:b/c@1.2.", "unexpected end of input while parsing patch version number"),
        ("a:b/c@01.0.0", "invalid leading zero in major version number"),
        ("a:b/c@1.00.0", "invalid leading zero in minor version number"),
        ("a:b/c@1.0.01", "invalid leading zero in patch version number"),
        ("a:b/c@99999999999999999999.0.0", "value of major version number exceeds"),
        ("a:b/c@1.0.0x", "unexpected character 'x' after patch version number"),
        ("a:b/c@1.0.0.0", "unexpected character '.' after patch version number"),
        ("a:b/c@1.0.0-", "empty identifier segment in pre-release identifier"),
        ("a:b/c@1.0.0-a..b", "empty identifier segment in pre-release identifier"),
        ("a:b/c@1.0.0-01", "invalid leading zero in pre-release identifier"),
        ("a:b/c@1.0.0-a_b", "unexpected character in pre-release identifier"),
        ("a:b/c@1.0.0+", "empty identifier segment in build metadata identifier"),
        ("a:b/c@1.0.0+a_b", "unexpected character in build metadata identifier"),
        ("url=<a", "failed to find `>`"), ("url=<<a>", "url cannot contain `<`"),
        ("url=<a>b", "trailing characters found: `b`"),
        ("url=<a>,integrity=<sha256-aaaa", "failed to find `>`"),
        ("integrity=<>", "integrity hash cannot be empty"),
        ("integrity=<sha256>", "expected `-` after hash algorithm"),
        ("integrity=<md5-aaaa>", "unrecognized hash algorithm: `md5`"),
        ("integrity=<sha256-ä>", "not valid base64"), ("integrity=<sha256-aa===>", "not valid base64"),
        ("integrity=<sha256-aaaa>x", "trailing characters found: `x`"),
        ("locked-dep=<a>", "has no `:` after a namespace"), ("locked-dep=<a:b@x>", "is not a valid semver"),
        ("locked-dep=<A:b>", "in lower case"), ("locked-dep=<a:b>x", "trailing characters found"),
        ("unlocked-dep=<a:b", "failed to find `>`"), ("unlocked-dep=<a:b@1.0.0>", "expected `@*` or `@{…}`"),
        ("unlocked-dep=<a:b@{1.0.0}>", "expected `>=` or `<` at start of version range"),
        ("unlocked-dep=<a:b@{>=1.0}>", "is not a valid semver"),
        ("unlocked-dep=<a:b@{<1.0}>", "is not a valid semver"),
        ("unlocked-dep=<a:b@{>=1.0.0 >2.0.0}>", "expected `>=` or `<` at start of version range"),
    ])
    func otherNamesAreRefused(name: String, message: String) throws {
        // The instance's type takes bytes 8 to 12; the import is the first of the section after it.
        try Refusal("(import \"\(name)\" (instance))", message, at: 16).check()
    }

    @Test(arguments: [
        "a", "a1", "a-b", "A", "ABC-d-EF", "a-1", "a:b/c", "a:b/C-d", "a1:b-c/d@1.2.3", "a:b/c@1", "a:b/c@0.2",
        "a:b/c@0.0.1", "a:b/c@0.0.0", "a:b/c@1.2.3-rc.1", "a:b/c@1.2.3-0a.b-c+d.01", "a:b/c@0.0.0-0",
        "url=<>", "url=<https://a.b/c?d>", "url=<a>,integrity=<sha256-aaaa>", "integrity=<sha512-a+/b==?x>",
        "integrity=< sha256-aaaa  sha384-bbbb >", "locked-dep=<a:b>", "locked-dep=<a:b@1.2.3>",
        "locked-dep=<a:b>,integrity=<sha256-aaaa>", "unlocked-dep=<a:b>", "unlocked-dep=<a:b@*>",
        "unlocked-dep=<a:b@{>=1.2.3}>", "unlocked-dep=<a:b@{<1.2.3}>", "unlocked-dep=<a:b@{>=1.2.3 <2.0.0}>",
    ])
    func namesAreAccepted(name: String) throws {
        try expectValid("(import \"\(name)\" (instance))")
    }

    // MARK: Uniqueness

    @Test(arguments: [
        ("a", "a"), ("a", "A"), ("a-b", "A-b"), ("a-b", "a-B"), ("a:b/c", "a:b/c"), ("a:b/c@1.0.0", "a:b/c@1.0.0"),
        ("a:b/c@1", "a:b/c@1"), ("url=<a>", "url=<a>"),
    ])
    func namesMustDiffer(one: String, other: String) throws {
        let message = "import name `\(other)` conflicts with previous name `\(one)`"
        try Refusal("(import \"\(one)\" (instance)) (import \"\(other)\" (instance))", message).check()
        try Refusal("(type (component (import \"\(one)\" (instance)) (import \"\(other)\" (func))))", message).check()
    }

    @Test(arguments: [
        ("a", "ab"), ("a-b", "ab"), ("a", "a:b/a"), ("a:b/c@1.0.0", "a:b/c@1.0.1"), ("a:b/c", "a:b/c@1.0.0"),
        ("a:b/c@0.2", "a:b/c@0.3"), ("a:b/c", "a:b/d"), ("url=<a>", "url=<b>"),
    ])
    func namesThatDifferAreAccepted(one: String, other: String) throws {
        try expectValid("(import \"\(one)\" (instance)) (import \"\(other)\" (instance))")
    }

    @Test func importsAndExportsHaveNamesOfTheirOwn() throws {
        try expectValid("(import \"a\" (func $f)) (export \"a\" (func $f))")
    }

    @Test func exportsNeverSayWhereToFindThem() throws {
        try Refusal(
            "(component $c) (export \"url=<a>\" (component $c))", "name `url=<a>` is not a valid export name"
        ).check()
    }

    // MARK: Annotations

    private static let resource = "(import \"r\" (type $r (sub resource)))"

    @Test(arguments: [
        ("[constructor]r", "(func)", "function should return one value"),
        ("[constructor]r", "(func (result u8))", "function should return `(own $T)` or `(result (own $T))`"),
        ("[constructor]r", "(func (result (borrow $r)))", "function result cannot contain a `borrow` type"),
        ("[constructor]r", "(func (result (option (own $r))))", "function should return `(own $T)`"),
        ("[constructor]s", "(func (result (own $r)))", "function does not match expected resource name `r`"),
        ("[constructor]r", "(instance)", "import `[constructor]r` is not a func: it is of sort instance"),
        ("[method]r.f", "(func)", "function should have at least one argument"),
        ("[method]r.f", "(func (param \"a\" (borrow $r)))", "function should have a first argument called `self`"),
        ("[method]r.f", "(func (param \"self\" u8))", "function should take a first argument of `(borrow $T)`"),
        ("[method]r.f", "(func (param \"self\" (own $r)))", "function should take a first argument of `(borrow $T)`"),
        ("[method]s.f", "(func (param \"self\" (borrow $r)))", "does not match expected resource name `r`"),
        ("[static]s.f", "(func)", "static resource name is not known in this context: `s`"),
        ("[static]r.f", "(component)", "is not a func: it is of sort component"),
        ("[resource-drop]r", "(func)", "is not a valid extern name"),
        ("[method]r.r", "(func (param \"self\" (borrow $r)))", "`[method]r.r` conflicts with previous name `r`"),
    ])
    func annotatedFunctionsHaveTheirTypes(name: String, type: String, message: String) throws {
        try Refusal("\(Self.resource) (import \"\(name)\" \(type))", message).check()
    }

    @Test(arguments: [
        ("[constructor]r", "(func (result (own $r)))"), ("[constructor]r", "(func (result (result (own $r))))"),
        ("[constructor]r", "(func (param \"a\" u8) (result (result (own $r) (error string))))"),
        ("[method]r.f", "(func (param \"self\" (borrow $r)) (param \"a\" u8) (result u8))"),
        ("[static]r.f", "(func)"),
        ("[static]r.f", "(func (result (own $r)))"), ("[method]r.f", "(func async (param \"self\" (borrow $r)))"),
    ])
    func annotatedFunctionsAreAccepted(name: String, type: String) throws {
        try expectValid("\(Self.resource) (import \"\(name)\" \(type))")
        try expectValid(
            "(import \"i\" (instance (export \"r\" (type $r (sub resource))) (export \"\(name)\" \(type))))")
    }

    @Test(arguments: [
        (
            "(import \"i\" (instance $i (export \"r\" (type (sub resource))))) (alias export $i \"r\" (type $r))"
                + " (import \"[method]r.f\" (func (param \"self\" (borrow $r))))",
            "resource used in function does not have a name in this context"
        ),
        (
            "\(Self.resource) (import \"[method]r.f\" (func (param \"self\" (borrow $r))))"
                + " (import \"[static]r.f\" (func))",
            "import name `[static]r.f` conflicts with previous name `[method]r.f`"
        ),
        (
            "\(Self.resource) (import \"f\" (func (param \"self\" (borrow $r)))) (import \"[static]r.F\" (func))"
                + " (import \"[method]r.f\" (func (param \"self\" (borrow $r))))",
            "import name `[method]r.f` conflicts with previous name `[static]r.F`"
        ),
    ])
    func methodsBelongToNamedResources(fields: String, message: String) throws {
        try Refusal(fields, message).check()
    }

    @Test(arguments: [
        "\(Self.resource) (import \"R1\" (func)) (import \"[constructor]r\" (func (result (own $r))))",
        "\(Self.resource) (import \"[static]r.f\" (func)) (import \"f\" (func))"
            + " (import \"[static]r.g\" (func))",
    ])
    func namesOfSortsDiffer(fields: String) throws {
        try expectValid(fields)
    }

    // MARK: Attributes

    /// An import of an instance type with one attribute: kind 0 `implements`, 1 `versionsuffix`, 2 `external-id`.
    private static func file(_ name: String, _ kind: UInt8, _ value: String, sort: [UInt8]) -> [UInt8] {
        let types: [UInt8] = [0x07, 0x06, 0x02, 0x42, 0x00, 0x40, 0x00, 0x01]
        let contents =
            [0x01, 0x02] + leb128(name.utf8.count) + Array(name.utf8) + [0x01, kind] + leb128(value.utf8.count)
            + Array(value.utf8) + sort
        // The function type ends with the number of its results.
        return Refusal.preamble + [0x07, types[1] + 1] + types[2...] + [0x00, 0x0a] + leb128(contents.count) + contents
    }

    @Test(
        arguments: [
            ("a", 0, "1", "`implements` value `1` is not a valid name"), ("a", 0, "b", "`b` must be an interface"),
            ("a:b/c", 0, "a:b/d", "name `a:b/c` is not valid with `implements`: it must be a plain name"),
            ("a", 1, ".1", "`versionsuffix` needs an interface name with a canonical version, not `a`"),
            ("a:b/c", 1, ".1", "`versionsuffix` needs an interface name with a canonical version"),
            ("a:b/c@1.0.0", 1, ".1", "`versionsuffix` needs an interface name with a canonical version"),
            ("a:b/c@1", 1, ".x", "`versionsuffix` `.x` does not complete `a:b/c@1`"),
        ] as [(String, UInt8, String, String)])
    func attributesAreChecked(name: String, kind: UInt8, value: String, message: String) throws {
        try Refusal(file: Self.file(name, kind, value, sort: [0x05, 0x00]), message, at: 20, .invalid).check()
    }

    @Test(
        arguments: [
            ("a", 0, "a:b/c"), ("a", 0, "a:b/c@1.0.0"), ("a:b/c@1", 1, ".2.3"), ("a:b/c@0.2", 1, ".3-rc.1"),
            ("a", 2, "anything at all"), ("a:b/c@0.0.1", 1, "-a"),
        ] as [(String, UInt8, String)])
    func attributesAreAccepted(name: String, kind: UInt8, value: String) {
        let error = refusal(of: Self.file(name, kind, value, sort: [0x05, 0x00]))
        #expect(error == nil, "\(String(describing: error))")
    }

    @Test func onlyInstancesImplement() throws {
        try Refusal(
            file: Self.file("a", 0, "a:b/c", sort: [0x01, 0x01]), "only instances can have an `implements`", at: 20,
            .invalid
        ).check()
    }

    // MARK: Labels

    @Test(arguments: [
        ("(record (field \"A_b\" u8))", "record field name `A_b` is not in kebab case"),
        ("(record (field \"a\" u8) (field \"A\" u8))", "record field name `A` conflicts with previous field name `a`"),
        ("(variant (case \"a\") (case \"a\"))", "variant case name `a` conflicts with previous case name `a`"),
        ("(enum \"a\" \"b\" \"A\")", "enum tag name `A` conflicts with previous tag name `a`"),
        ("(flags \"a\" \"a\")", "flag name `a` conflicts with previous flag name `a`"),
        ("(flags \"\")", "flag name cannot be empty"),
        ("(func (param \"\" u8))", "function parameter name cannot be empty"),
        (
            "(func (param \"a\" u8) (param \"A\" u8))",
            "function parameter name `A` conflicts with previous parameter name `a`"
        ),
    ])
    func labelsAreChecked(type: String, message: String) throws {
        try Refusal("(type \(type))", message).check()
    }
}
