import Testing
import WIT

@Suite struct ResolverTests {
    struct Bad: CustomTestStringConvertible {
        let sources: [String]
        let location: String
        let kind: WITError.Kind
        let message: String

        init(_ sources: String..., at location: String, _ kind: WITError.Kind, _ message: String) {
            self.sources = sources
            self.location = location
            self.kind = kind
            self.message = message
        }

        var testDescription: String { self.message }
    }

    static let bad: [Bad] = [
        Bad(
            "package a:b; interface i { f: func(x: missing); }", at: "0.wit:1:39", .unresolved,
            "there is no type `missing` here"),
        Bad(
            "package a:b; interface i { use j.{t}; } interface j { use k.{t}; } interface k { use i.{t}; }",
            at: "0.wit:1:86", .cycle, "interfaces use each other in a cycle: i → j → k → i"),
        Bad(
            "package a:b; interface i { use i.{t}; }", at: "0.wit:1:32", .cycle,
            "interfaces use each other in a cycle: i → i"),
        Bad("package a:b; interface i { type t = t; }", at: "0.wit:1:37", .cycle, "type `t` contains itself"),
        Bad(
            "package a:b; interface i { record r { s: option<s> } variant s { c(list<r>) } }", at: "0.wit:1:73", .cycle,
            "type `r` contains itself"),
        Bad(
            "package a:b; interface i { use c:d/j.{t}; }", at: "0.wit:1:32", .unresolved,
            "there is no package `c:d` among the files read"),
        Bad(
            "package a:b; interface i { use c:d/j@1.1.0.{t}; }", "package c:d@1.0.0; interface j { type t = u8; }",
            at: "0.wit:1:32", .unresolved, "there is no package `c:d@1.1.0`"),
        Bad(
            "package a:b; interface i { use c:d/k.{t}; }", "package c:d@1.0.0; interface j { type t = u8; }",
            at: "0.wit:1:36", .unresolved, "package `c:d@1.0.0` has no interface `k`"),
        Bad(
            "package a:b; interface i { use j.{u}; } interface j { type t = u8; }", at: "0.wit:1:35", .unresolved,
            "interface `j` has no type `u`"),
        Bad(
            "package a:b; interface i { use w.{u}; } world w {}", at: "0.wit:1:32", .unresolved, "`w` is a world"),
        Bad(
            "package a:b; interface i {} world i {}", at: "0.wit:1:35", .duplicate,
            "`i` is already defined in package a:b, at 0.wit:1:24"),
        Bad(
            "package a:b; interface i { type t = u8; record t { a: u8 } }", at: "0.wit:1:48", .duplicate,
            "`t` is already defined in this scope, at 0.wit:1:33"),
        Bad(
            "package a:b; interface i { type t = u8; T: func(); }", at: "0.wit:1:41", .duplicate,
            "`T` is already defined in interface `i`, at 0.wit:1:33"),
        Bad(
            "package a:b; interface i { f: func(a: u8, a: u8); }", at: "0.wit:1:43", .duplicate,
            "`a` is already defined in the parameters of `f`, at 0.wit:1:36"),
        Bad(
            "package a:b; interface i { resource r { constructor(); constructor(); } }", at: "0.wit:1:56", .duplicate,
            "`constructor` is already defined in resource `r`, at 0.wit:1:41"),
        Bad(
            "package a:b; interface i { use j.{t as u, t as u}; } interface j { type t = u8; }", at: "0.wit:1:48",
            .duplicate, "`u` is already defined in this scope, at 0.wit:1:40"),
        Bad("package a:b; interface i { record r {} }", at: "0.wit:1:35", .type, "`r` has no fields"),
        Bad(
            "package a:b; interface i { type t = u8; f: func(x: borrow<t>); }", at: "0.wit:1:59", .type,
            "`t` is no resource"),
        Bad(
            "package a:b; interface i { resource r; f: func() -> option<borrow<r>>; }", at: "0.wit:1:53", .type,
            "a result contains `borrow`"),
        Bad(
            "package a:b; interface i { resource r { constructor() -> u8; } }", at: "0.wit:1:58", .type,
            "a constructor returns something else than its resource"),
        Bad(
            "package a:b; interface i { type t = map<f32, u8>; }", at: "0.wit:1:41", .type, "a map's key has this type"),
        Bad(
            "package a:b; interface i { @since(version = 1.0.0) f: func(); }", at: "0.wit:1:28", .gate,
            "package a:b has gates but no version"),
        Bad(
            "package a:b@1.0.0; @since(version = 1.1.0) interface i {}", at: "0.wit:1:20", .gate,
            "the item is from version 1.1.0, but the package is version 1.0.0"),
        Bad(
            "package a:b@1.0.0; @since(version = 1.0.0) @unstable(feature = f) interface i {}", at: "0.wit:1:20", .gate,
            "the item is both `@since` and `@unstable`"),
        Bad(
            "package a:b@1.0.0; @deprecated(version = 1.0.0) interface i {}", at: "0.wit:1:20", .gate,
            "`@deprecated` stands alone"),
        Bad("interface i {}", at: "0.wit:1:1", .unresolved, "the file says no package, and its folder has none"),
        Bad(
            "package a:b; world w { include v; } world v { include w; }", at: "0.wit:1:55", .cycle,
            "world `w` includes itself"),
        Bad(
            "package a:b; world w { import f: func(); include v; } world v { import f: func(); }", at: "0.wit:1:50",
            .duplicate, "`f` is already imported by world `w`, at 0.wit:1:24"),
        Bad(
            "package a:b; world w { include v with { g as h } } world v { import f: func(); }", at: "0.wit:1:41",
            .unresolved, "world `v` has no import or export `g`"),
    ]

    @Test(arguments: Self.bad) func refuses(bad: Bad) {
        let error = witError { () throws(WITError) in
            var groups: [[SyntaxFile]] = []
            for (index, source) in bad.sources.enumerated() {
                groups.append([try Parser.parse(source, path: "\(index).wit")])
            }
            _ = try Resolver.resolve(groups)
        }
        #expect(error?.location.description == bad.location)
        #expect(error?.kind == bad.kind)
        #expect(error?.message == bad.message)
    }

    @Test func usesTypesAcrossPackagesWhateverTheOrder() throws {
        let model = try resolve(
            "package a:b; interface i { use c:d/j@1.0.0.{t as u}; f: func(x: u) -> v; type v = list<u>; }",
            "package c:d@1.0.0; interface j { type t = tuple<s, bool>; type s = string; }",
            "package c:d@2.0.0; interface j { type t = u64; }")
        #expect(model.signatures("i") == ["f": "(tuple<string, bool>) -> list<tuple<string, bool>>"])
    }

    @Test func usesAtTheTopOfAFileNameInterfaces() throws {
        let model = try resolve(
            "package a:b; use c:d/j as k; interface i { use k.{t}; f: func(x: t); }",
            "package c:d@1.0.0; interface j { type t = char; }")
        #expect(model.signatures("i") == ["f": "(char)"])
    }

    @Test func joinsFilesOfAFolderIntoOnePackage() throws {
        let model = try Resolver.resolve([
            [
                try Parser.parse("interface i { use j.{t}; f: func(x: t); }", path: "x/a.wit"),
                try Parser.parse("package a:b@1.0.0; interface j { type t = u8; }", path: "x/b.wit"),
            ]
        ])
        #expect(model.packages.map(\.name.description) == ["a:b@1.0.0"])
        #expect(model.packages.first?.files == ["x/a.wit", "x/b.wit"])
        #expect(model.signatures("i") == ["f": "(u8)"])
    }

    @Test func resolvesNestedPackages() throws {
        let model = try resolve(
            "package a:b; interface i { use c:d/j.{t}; f: func(x: t); } package c:d { interface j { type t = f32; } }")
        #expect(model.signatures("i") == ["f": "(f32)"])
    }

    @Test func includesWorldsAndRenames() throws {
        let model = try resolve(
            """
            package a:b;
            interface i {}
            world v { import f: func(); import i; export g: func(); }
            world w { import f: func(); import i; include v with { f as other } }
            """)
        let world = try #require(model.worlds.first { $0.name == "w" })
        #expect(world.imports.map(\.name) == ["f", nil, "other"])
        #expect(world.exports.map(\.name) == ["g"])
    }

    @Test func leavesOutUnstableItemsThatAreNotAskedFor() throws {
        let source = """
            package a:b@1.0.0;
            interface i {
                @since(version = 1.0.0)
                old: func();
                @unstable(feature = shiny)
                new: func();
            }
            """
        #expect(try resolve(source).interface("i")?.functions.map(\.name) == ["old", "new"])
        #expect(try resolve(source, features: .only([])).interface("i")?.functions.map(\.name) == ["old"])
        #expect(
            try resolve(source, features: .only(["shiny"])).interface("i")?.functions.map(\.name) == ["old", "new"])
    }

    @Test func refusesEndlessChainsOfAliases() {
        let aliases = (0..<50_000).map { "type t\($0) = t\($0 + 1);" }.joined(separator: " ")
        let error = witError { () throws(WITError) in
            _ = try resolve("package a:b; interface i { \(aliases) type t50000 = u8; }")
        }
        #expect(error?.message == "types need each other more than 256 deep")
    }

    @Test func resolvesLongChainsOfAliases() throws {
        let aliases = (1...200).map { "type t\($0) = t\($0 - 1);" }.joined(separator: " ")
        let model = try resolve("package a:b; interface i { type t0 = u8; \(aliases) f: func(x: t200); }")
        #expect(model.signatures("i") == ["f": "(u8)"])
    }
}
