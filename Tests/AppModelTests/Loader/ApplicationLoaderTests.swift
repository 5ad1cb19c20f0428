import AppLoader
import AppModel
import Foundation
import Testing

@Suite struct ApplicationLoaderTests {
    /// Loads an application of one component with the given lines and gives what its file system holds.
    private static func mount(
        _ lines: String, prepare: (TemporaryApplication) throws -> Void
    ) async throws -> (files: [String], error: String?) {
        let app = try TemporaryApplication()
        try app.write("app/hello.wasm")
        try app.write("app/spin.toml", ManifestTests.minimal + lines)
        try prepare(app)
        let work = try WorkingDirectory(below: app.directory)
        defer { work.remove() }
        do {
            let loaded = try await ApplicationLoader(workingDirectory: work, currentDirectory: app.path("app"))
                .load(.manifest(app.path("app/spin.toml")))
            let mount = try #require(loaded.app.components.first?.files.first)
            #expect(mount.path == "/")
            #expect(mount.directory == "\(work.path)/assets/hello")
            return (app.files(below: work.assets(of: "hello")), nil)
        } catch {
            return ([], "\(error)".replacingOccurrences(of: app.directory, with: "TMP"))
        }
    }

    private static func tree(_ app: TemporaryApplication) throws {
        for name in ["static/a.txt", "static/b.map", "static/sub/c.txt", "static/sub/.d", "one.txt", "two.txt"] {
            try app.write("app/\(name)", name)
        }
    }

    @Test(arguments: [
        ("files = [\"static\"]", ["static/a.txt", "static/b.map", "static/sub/.d", "static/sub/c.txt"]),
        ("files = [\"static/*\"]", ["static/a.txt", "static/b.map"]),
        ("files = [\"static/**/*\"]", ["static/a.txt", "static/b.map", "static/sub/.d", "static/sub/c.txt"]),
        ("files = [\"**/*.txt\"]", ["one.txt", "static/a.txt", "static/sub/c.txt", "two.txt"]),
        ("files = [\"./*.txt\"]", ["one.txt", "two.txt"]),
        ("files = [\"one.txt\", \"t?o.txt\"]", ["one.txt", "two.txt"]),
        ("files = [\"nothing/*\"]", []),
        ("files = [{ source = \"static\", destination = \"/\" }]", ["a.txt", "b.map", "sub/.d", "sub/c.txt"]),
        (
            "files = [{ source = \"static\", destination = \"www\" }]",
            ["www/a.txt", "www/b.map", "www/sub/.d", "www/sub/c.txt"]
        ),
        ("files = [{ source = \"one.txt\", destination = \"/etc/x.txt\" }]", ["etc/x.txt"]),
        (
            "files = [\"static\"]\nexclude_files = [\"static/*.map\"]",
            ["static/a.txt", "static/sub/.d", "static/sub/c.txt"]
        ),
        ("files = [\"static\"]\nexclude_files = [\"*.txt\", \"static/b.*\"]", ["static/sub/.d"]),
        (
            "files = [{ source = \"static\", destination = \"/\" }]\nexclude_files = [\"static/sub/*\"]",
            ["a.txt", "b.map"]
        ),
        (
            "files = [\"static\", \"static/a.txt\"]",
            ["static/a.txt", "static/b.map", "static/sub/.d", "static/sub/c.txt"]
        ),
    ])
    func copiesFiles(lines: String, expected: [String]) async throws {
        let result = try await Self.mount(lines, prepare: Self.tree)
        #expect(result.error == nil)
        #expect(result.files == expected)
    }

    @Test(arguments: [
        (
            "files = [\"none.txt\"]",
            "spin.toml:12:10: component.hello.files[0]: there is no file or directory `none.txt`"
        ),
        (
            "files = [{ source = \"none\", destination = \"/\" }]",
            "spin.toml:12:10: component.hello.files[0]: there is no file or directory `none`"
        ),
        (
            "files = [{ source = \"one.txt\", destination = \"/\" }]",
            "spin.toml:12:10: component.hello.files[0]: `/` is no file name\n  hint: give the whole path, such as `/one.txt`"
        ),
        (
            "files = [\"../outside.txt\"]",
            "spin.toml:12:10: component.hello.files[0]: `../outside.txt` is outside the application directory `TMP/app`"
        ),
        (
            "files = [\"../*\"]",
            "spin.toml:12:10: component.hello.files[0]: `TMP/*` is outside the application directory `TMP/app`"
        ),
        (
            "files = [\"link.txt\"]",
            "spin.toml:12:10: component.hello.files[0]: `link.txt` is a symbolic link to `TMP/outside.txt`, which is outside the application directory\n  hint: copy it into `TMP/app`, or leave it out with `exclude_files`"
        ),
        (
            "files = [\"*.txt\"]",
            "spin.toml:12:10: component.hello.files[0]: `link.txt` is a symbolic link to `TMP/outside.txt`, which is outside the application directory\n  hint: copy it into `TMP/app`, or leave it out with `exclude_files`"
        ),
        (
            "files = [\"up/*\"]",
            "spin.toml:12:10: component.hello.files[0]: `TMP/app/up` is a symbolic link to `TMP`, which is outside the application directory\n  hint: copy it into `TMP/app`, or leave it out with `exclude_files`"
        ),
        (
            "files = [{ source = \"up\", destination = \"/\" }]",
            "spin.toml:12:10: component.hello.files[0]: `up` is a symbolic link to `TMP`, which is outside the application directory\n  hint: copy it into `TMP/app`, or leave it out with `exclude_files`"
        ),
        (
            "files = [\"up/app/one.txt\", \"**/x\"]",
            "spin.toml:12:28: component.hello.files[1]: `up` is a symbolic link to `TMP`, which is outside the application directory\n  hint: copy it into `TMP/app`, or leave it out with `exclude_files`"
        ),
        ("files = [\"[a\"]", "spin.toml:12:10: component.hello.files[0]: `[` has no `]`"),
        (
            "files = [\"one.txt\"]\nexclude_files = [\"a**\"]",
            "spin.toml:13:1: component.hello.exclude_files: `a**`: `**` must be a whole path component, as in `assets/**/*`"
        ),
    ])
    func refusesFiles(lines: String, expected: String) async throws {
        let result = try await Self.mount(lines) { app in
            try Self.tree(app)
            try app.write("outside.txt")
            try app.link("app/link.txt", to: "../outside.txt")
            try app.link("app/up", to: "..")
        }
        #expect(result.error == expected)
    }

    @Test func linksInsideTheApplicationAreFollowedAndEndless() async throws {
        let result = try await Self.mount("files = [\"static\"]") { app in
            try Self.tree(app)
            try app.link("app/static/loop", to: "..")
            try app.link("app/static/one", to: "../one.txt")
            try app.link("app/static/broken", to: "nowhere")
        }
        #expect(result.error == nil)
        #expect(result.files.contains("static/one"))
        // The link to the application itself is walked once, not for ever.
        #expect(result.files.contains("static/loop/one.txt"))
        #expect(!result.files.contains { $0.contains("loop/static/loop") })
        #expect(!result.files.contains("static/broken"))
    }

    @Test func copiesWhatLinksPointTo() async throws {
        let app = try TemporaryApplication()
        try app.write("app/hello.wasm")
        try app.write("app/data.txt", "content")
        try app.link("app/link", to: "data.txt")
        try app.write("app/spin.toml", ManifestTests.minimal + "files = [\"link\"]")
        let work = try WorkingDirectory(below: app.directory)
        _ = try await ApplicationLoader(workingDirectory: work, currentDirectory: "/").load(
            .manifest(app.path("app/spin.toml")))
        #expect(app.read("\(work.assets(of: "hello"))/link") == "content")
        #expect(Paths.entry("\(work.assets(of: "hello"))/link") == .other(size: 7))
        work.remove()
        #expect(Paths.kind(work.path) == .none)
    }

    @Test(arguments: [
        (
            "",
            "spin.toml:11:10: component.hello.source: component `hello` has no file at `TMP/hello.wasm`\n  hint: build the component, or correct the path"
        ),
        (
            "build.command = \"make\"",
            "spin.toml:11:10: component.hello.source: component `hello` has no file at `TMP/hello.wasm`\n  hint: run `swirl build`, or `swirl up --build`"
        ),
    ])
    func tellsAboutMissingComponents(lines: String, expected: String) async throws {
        let app = try TemporaryApplication()
        try app.write("spin.toml", ManifestTests.minimal + lines)
        let work = try WorkingDirectory(below: app.directory)
        let error = await #expect(throws: ManifestError.self) {
            try await ApplicationLoader(workingDirectory: work, currentDirectory: app.directory)
                .load(.manifest(app.path("spin.toml")))
        }
        #expect(error?.description.replacingOccurrences(of: app.directory, with: "TMP") == expected)
    }

    @Test func aComponentWithoutTriggerNeedsNoFile() async throws {
        let app = try TemporaryApplication()
        try app.write("hello.wasm")
        try app.write(
            "spin.toml", ManifestTests.minimal + "[component.unused]\nsource = \"none.wasm\"\nfiles = [\"none\"]")
        let work = try WorkingDirectory(below: app.directory)
        let loaded = try await ApplicationLoader(workingDirectory: work, currentDirectory: app.directory)
            .load(.manifest(app.path("spin.toml")))
        #expect(loaded.app.components.map(\.id) == ["hello", "unused"])
        #expect(loaded.app.reachableComponents.map(\.id) == ["hello"])
    }

    @Test func readsNoBinaryManifest() throws {
        let app = try TemporaryApplication()
        try Data([0xFF, 0xFE]).write(to: URL(fileURLWithPath: app.path("spin.toml")))
        let error = #expect(throws: ManifestError.self) {
            try ApplicationFiles(currentDirectory: app.directory).readText(app.path("spin.toml"))
        }
        #expect(error?.description == "spin.toml: the manifest is not UTF-8 text")
    }

    @Test(arguments: [
        ("hello.wasm", "hello", "hello", "application/wasm"), ("My App_2.wat", "My App_2", "my-app2", "text/wat"),
        ("1.wasm", "1", "component", "application/wasm"), ("a.b.wasm", "a.b", "a-b", "application/wasm"),
    ])
    func servesABareComponent(file: String, name: String, id: String, type: String) async throws {
        let app = try TemporaryApplication()
        try app.write(file)
        let work = try WorkingDirectory(below: app.directory)
        let source = try AppSource.named(file, currentDirectory: app.directory)
        #expect(source == .bareWasm(app.path(file)))
        #expect(source.applicationDirectory == nil)
        let loaded = try await ApplicationLoader(workingDirectory: work, currentDirectory: app.directory).load(source)
            .app
        #expect(loaded.name == name)
        #expect(loaded.components.first?.id == id)
        #expect(loaded.components.first?.source.path == app.path(file))
        #expect(loaded.components.first?.source.contentType == type)
        #expect(loaded.httpTriggers.map(\.route) == ["/..."])
        #expect(loaded.httpTriggers.map(\.componentID) == [id])
    }
}
