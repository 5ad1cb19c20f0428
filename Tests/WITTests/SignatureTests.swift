import Testing
import WIT

@Suite struct SignatureTests {
    static let table: [(wit: String, signature: String)] = [
        ("f: func();", "()"),
        ("f: async func() -> u8;", "async () -> u8"),
        ("f: func(a: bool, b: s8, c: u16, d: f64, e: char, f: string);", "(bool, s8, u16, f64, char, string)"),
        ("f: func(a: list<u8>, b: list<u8, 4>);", "(list<u8>, list<u8, 4>)"),
        ("record r { a: u8, b: option<string> } f: func(x: r);", "(record{a: u8, b: option<string>})"),
        ("variant v { a, b(u8) } f: func(x: v);", "(variant{a, b(u8)})"),
        ("enum e { a, b } flags g { c, d } f: func(x: e, y: g);", "(enum{a, b}, flags{c, d})"),
        ("f: func(a: tuple<u8, string>) -> result;", "(tuple<u8, string>) -> result"),
        ("f: func(a: result<u8>) -> result<_, u8>;", "(result<u8>) -> result<_, u8>"),
        ("f: func() -> result<u8, list<string>>;", "() -> result<u8, list<string>>"),
        ("resource r; f: func(a: r, b: borrow<r>) -> own<r>;", "(own<a:b/i.r>, borrow<a:b/i.r>) -> own<a:b/i.r>"),
        ("resource r; type s = r; type t = option<s>; f: func(a: t);", "(option<own<a:b/i.r>>)"),
        ("use j.{res as other}; f: func(a: borrow<other>);", "(borrow<a:b/j.res>)"),
        ("f: func(a: stream<u8>, b: future);", "(stream<u8>, future)"),
    ]

    @Test(arguments: Self.table) func spellsTypes(wit: String, signature: String) throws {
        let model = try resolve("package a:b@0.1.3; interface i { \(wit) } interface j { resource res; }")
        #expect(model.signatures("i")["f"] == signature)
    }

    /// From 0.3 on, the release line is part of a resource's identity.
    @Test(arguments: [
        ("0.1.0", ""), ("0.2.9", ""), ("0.3.0-rc-1", "@0.3"), ("0.3.7", "@0.3"), ("1.2.3", "@1"), ("2.0.0", "@2"),
    ])
    func identitiesTellReleaseLinesApart(version: String, line: String) throws {
        let model = try resolve("package a:b@\(version); interface i { resource r; f: func(a: r); }")
        #expect(model.signatures("i")["f"] == "(own<a:b/i\(line).r>)")
    }

    @Test func namesFunctionsOfResources() throws {
        let model = try resolve(
            """
            package a:b;
            interface i {
                resource r {
                    constructor(a: u8);
                    m: func() -> string;
                    s: static func(x: r) -> result<r>;
                }
                resource q { constructor() -> result<q, string>; }
            }
            """)
        #expect(
            model.signatures("i") == [
                "[constructor]r": "(u8) -> own<a:b/i.r>",
                "[method]r.m": "(borrow<a:b/i.r>) -> string",
                "[static]r.s": "(own<a:b/i.r>) -> result<own<a:b/i.r>>",
                "[constructor]q": "() -> result<own<a:b/i.q>, string>",
            ])
    }
}
