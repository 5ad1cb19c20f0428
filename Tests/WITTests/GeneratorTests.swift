import Foundation
import Testing
import WIT

@Suite struct GeneratorTests {
    static let tests = URL(filePath: #filePath).deletingLastPathComponent()
    static let repository = Self.tests.deletingLastPathComponent().deletingLastPathComponent()

    private static func generate(
        _ folder: URL, interfaces: [String] = [], world: String? = nil, byHand: Set<String> = []
    ) throws -> [GeneratedFile] {
        let model = try Resolver.resolve(SourceLoader.parse(folder: folder.path))
        return try HostBindingsGenerator.generate(
            model, interfaces: HostBindingsGenerator.select(interfaces, world: world, in: model), byHand: byHand)
    }

    /// Every kind of type, both ways. To record anew: `SWIRL_RECORD_FIXTURES=1 swift test --filter WITTests`.
    @Test func generatesWhatWasRecorded() throws {
        let files = try Self.generate(Self.tests.appending(path: "Fixtures/kinds"))
        let recorded = OutputFolder(Self.tests.appending(path: "Fixtures/kinds-recorded").path)
        if ProcessInfo.processInfo.environment["SWIRL_RECORD_FIXTURES"] != nil { try recorded.write(files) }
        #expect(recorded.differences(from: files) == [])
    }

    @Test func generatesTheSameBytesEachTime() throws {
        let wit = Self.repository.appending(path: "wit")
        #expect(try Self.generate(wit) == Self.generate(wit))
    }

    /// What is committed is what the WIT files say. To renew it: `make generated`.
    @Test(arguments: [
        ("host", "WASI", []),
        // As `BY_HAND` in the Makefile.
        ("capabilities", "Capabilities", ["spin:sqlite/sqlite.row-result", "spin:sqlite/sqlite.query-result"]),
    ])
    func committedBindingsAreCurrent(world: String, target: String, byHand: [String]) throws {
        let files = try Self.generate(Self.repository.appending(path: "wit"), world: world, byHand: Set(byHand))
        let folder = OutputFolder(Self.repository.appending(path: "Sources/\(target)/Generated").path)
        #expect(folder.differences(from: files) == [])
    }

    @Test func checkNamesWhatIsNotCurrent() throws {
        let path = FileManager.default.temporaryDirectory.appending(path: "swirl-wit-\(UUID().uuidString)").path
        defer { try? FileManager.default.removeItem(atPath: path) }
        let folder = OutputFolder(path)
        let first = [GeneratedFile(name: "A.swift", text: "a\n"), GeneratedFile(name: "B.swift", text: "b\n")]
        #expect(folder.differences(from: first) == [.missing("A.swift"), .missing("B.swift")])
        try folder.write(first)
        #expect(folder.differences(from: first) == [])
        let second = [GeneratedFile(name: "B.swift", text: "changed\n"), GeneratedFile(name: "C.swift", text: "c\n")]
        #expect(
            folder.differences(from: second) == [.stale("B.swift"), .missing("C.swift"), .superfluous("A.swift")])
        try folder.write(second)
        #expect(folder.differences(from: second) == [])
    }

    static let unsupported = [
        "f: func(x: list<u8, 4>);", "f: func(x: stream<list<u8, 4>>);", "record r { x: error-context } f: func(x: r);",
    ]

    @Test(arguments: Self.unsupported) func refusesWhatItCannotBind(wit: String) throws {
        let model = try resolve("package a:b; interface i { \(wit) }")
        let error = witError { () throws(WITError) in
            _ = try HostBindingsGenerator.generate(model, interfaces: HostBindingsGenerator.select([], in: model))
        }
        #expect(error?.kind == .unsupported)
        #expect(error?.location.file == "0.wit")
    }

    @Test func selectsImportsOfTheOnlyWorld() throws {
        let model = try resolve(
            "package a:b; interface i { f: func(); } interface j { f: func(); } world w { import i; export j; }")
        let files = try HostBindingsGenerator.generate(
            model, interfaces: HostBindingsGenerator.select([], in: model))
        #expect(files.map(\.name) == ["ABI.swift", "ABI+Glue.swift"])
        let named = try HostBindingsGenerator.generate(
            model, interfaces: HostBindingsGenerator.select(["a:b/j"], in: model))
        #expect(named.map(\.name) == ["ABJ.swift", "ABJ+Glue.swift"])
        let error = witError { () throws(WITError) in _ = try HostBindingsGenerator.select(["a:b/k"], in: model) }
        #expect(error?.message == "there is no interface `a:b/k`")
    }

    @Test func addsInterfacesWhoseTypesAreUsed() throws {
        let model = try resolve(
            """
            package a:b;
            interface i { use j.{t}; f: func(x: t); }
            interface j { record t { a: u8 } resource r; }
            interface k { resource r; }
            """)
        let files = try HostBindingsGenerator.generate(
            model, interfaces: HostBindingsGenerator.select(["a:b/i"], in: model))
        #expect(files.map(\.name) == ["ABI.swift", "ABI+Glue.swift", "ABJ.swift", "ABJ+Glue.swift"])
    }

    /// The host writes some types itself: others use them by their names.
    @Test func leavesOutTypesThatAreWrittenByHand() throws {
        let model = try resolve(
            "package a:b; interface i { record row { a: list<u8> } record rows { rows: list<row> } f: func() -> rows; }"
        )
        func text(_ byHand: Set<String>) throws(WITError) -> String {
            try HostBindingsGenerator.generate(
                model, interfaces: HostBindingsGenerator.select([], in: model), byHand: byHand
            )
            .map(\.text).joined()
        }
        let all = try text([])
        #expect(all.contains("struct Row {") && all.contains("extension ABI.Row {"))
        let some = try text(["a:b/i.row"])
        #expect(!some.contains("struct Row {") && !some.contains("extension ABI.Row {"))
        #expect(some.contains("package var rows: [Row]") && some.contains("try element.store(at: place, in: call)"))
        #expect(
            witError { () throws(WITError) in _ = try text(["a:b/i.rwo"]) }?.message == "there is no type `a:b/i.rwo`")
    }

    /// Later release lines of a package have a mark; resources of two lines are different ones.
    @Test func marksReleaseLines() throws {
        let interface = "interface i { resource r; f: func(x: r); }"
        let model = try resolve(
            "package a:b@0.2.1; \(interface)", "package a:b@0.3.0; \(interface)",
            "package a:b@2.1.0; \(interface)", "package a:c@3.0.0; \(interface)")
        let files = try HostBindingsGenerator.generate(
            model, interfaces: HostBindingsGenerator.select([], in: model))
        #expect(
            files.map(\.name).filter { !$0.contains("Glue") } == [
                "ABI.swift", "ABIV3.swift", "ABIV2.swift", "ACI.swift",
            ])
    }

    /// A type that did not change has one Swift type; one that did, or that has another name inside it or a handle, two.
    @Test func sharesTypesOfReleaseLines() throws {
        let rest = "record h { r: r } resource r; f: func(s: same, o: other, n: outer, h: h);"
        let model = try resolve(
            """
            package a:b@0.2.0;
            interface i { enum same { x, y } enum other { x } enum in1 { x } record outer { i: in1 } \(rest) }
            """,
            """
            package a:b@0.3.0;
            interface i { enum same { x, y } enum other { z } enum in2 { x } record outer { i: in2 } \(rest) }
            """)
        let files = try HostBindingsGenerator.generate(
            model, interfaces: HostBindingsGenerator.select([], in: model))
        let later = try #require(files.first { $0.name == "ABIV3.swift" }).text
        let aliases = later.split(separator: "\n").filter { $0.contains("typealias") }
        #expect(aliases.map { $0.trimmingCharacters(in: .whitespaces) } == ["package typealias Same = ABI.Same"])
        let glue = try #require(files.first { $0.name == "ABIV3+Glue.swift" }).text
        #expect(!glue.contains("extension ABIV3.Same"))
        #expect(glue.contains("extension ABIV3.Other"))
    }

    /// A release that is the same as its candidate says so, and serves both.
    @Test(arguments: [
        ("0.3.0", "0.3.0-rc-1", "from: \"0.3.0-rc-1\", below: \"0.4.0\""),
        ("0.3.1", "0.3.1", "from: \"0.3.0\", below: \"0.4.0\""),
        ("2.4.0", "2.1.0-beta", "from: \"2.0.0\", below: \"3.0.0\""),
    ])
    func rangesBeginAtReleaseCandidates(version: String, since: String, range: String) throws {
        let model = try resolve("package a:b@\(version); @since(version = \(since)) interface i { f: func(); }")
        let files = try HostBindingsGenerator.generate(
            model, interfaces: HostBindingsGenerator.select([], in: model))
        #expect(files.first?.text.contains("VersionRange(\(range))") == true)
    }

    /// `<Resource>Resource`, but with the package and interface where two interfaces define the name.
    @Test func namesClassesOfResources() throws {
        let model = try resolve(
            "package a:one; interface i { resource r; resource s; f: func(x: r, y: s); }",
            "package a:two; interface i { resource r; f: func(x: r); }")
        let files = try HostBindingsGenerator.generate(
            model, interfaces: HostBindingsGenerator.select([], in: model))
        let text = try #require(files.first { $0.name == "AOneI.swift" }).text
        #expect(text.contains("func f(x: OneIRResource, y: SResource, in call: borrowing HostCall) throws"))
    }

    static let versions: [(version: String, range: String)] = [
        ("@0.2.9", "VersionRange(from: \"0.2.0\", below: \"0.3.0\")"),
        ("@1.4.2", "VersionRange(from: \"1.0.0\", below: \"2.0.0\")"),
        ("@0.0.3", "VersionRange(from: \"0.0.3\", below: \"0.0.4\")"),
        ("@0.3.0-rc-2026-03-15", "VersionRange(from: \"0.3.0-rc-2026-03-15\", below: \"0.3.0-rc-2026-03-15.0\")"),
        ("", ""),
    ]

    @Test(arguments: Self.versions) func servesCompatibleVersions(version: String, range: String) throws {
        let model = try resolve("package a:b\(version); interface i { f: func(); }")
        let files = try HostBindingsGenerator.generate(
            model, interfaces: HostBindingsGenerator.select([], in: model))
        #expect(files.first?.text.contains("versions: [\(range)],") == true)
    }
}
