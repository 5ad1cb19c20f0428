import AppLoader
import Foundation
import Testing

@Suite struct AppSourceTests {
    @Test func findsWhatIsNamed() throws {
        let app = try TemporaryApplication()
        try app.write("a/spin.toml")
        try app.write("b/swirl.toml")
        try app.write("c/any.toml")
        let directory = app.directory
        #expect(try AppSource.named("a", currentDirectory: directory) == .manifest(app.path("a/spin.toml")))
        #expect(try AppSource.named("./b/../b/", currentDirectory: directory) == .manifest(app.path("b/swirl.toml")))
        #expect(
            try AppSource.named(app.path("c/any.toml"), currentDirectory: "/") == .manifest(app.path("c/any.toml")))
        #expect(throws: AppSource.NotFound.noManifest(directory: "c")) {
            try AppSource.named("c", currentDirectory: directory)
        }
        #expect(throws: AppSource.NotFound.missing("d")) { try AppSource.named("d", currentDirectory: directory) }
    }

    @Test func refusesTwoManifests() throws {
        let app = try TemporaryApplication()
        try app.write("spin.toml")
        try app.write("swirl.toml")
        let error = #expect(throws: AppSource.NotFound.self) { try AppSource.searchUpwards(from: app.directory) }
        #expect(error == .bothManifests(directory: app.directory))
    }

    @Test func searchesUpwards() throws {
        let app = try TemporaryApplication()
        try app.write("spin.toml")
        try app.write("a/b/c/x")
        let found = try AppSource.searchUpwards(from: app.path("a/b/c"))
        #expect(found.source == .manifest(app.path("spin.toml")))
        #expect(found.levels == 3)
    }

    @Test func stopsAtARepository() throws {
        let app = try TemporaryApplication()
        try app.write("spin.toml")
        try app.write("repo/.git/HEAD")
        try app.write("repo/src/x")
        #expect(throws: AppSource.NotFound.self) { try AppSource.searchUpwards(from: app.path("repo/src")) }
        try app.write("repo/spin.toml")
        #expect(try AppSource.searchUpwards(from: app.path("repo/src")).levels == 1)
    }

    @Test func stopsAfterTwentyLevels() throws {
        let app = try TemporaryApplication()
        try app.write("spin.toml")
        let near = Array(repeating: "d", count: 19).joined(separator: "/")
        try app.write("\(near)/d/x")
        #expect(try AppSource.searchUpwards(from: app.path(near)).levels == 19)
        #expect(throws: AppSource.NotFound.self) { try AppSource.searchUpwards(from: app.path("\(near)/d")) }
    }

    @Test(arguments: [
        ("a", "/x", "/x/a"), ("/a", "/x", "/a"), ("./a/./b", "/x", "/x/a/b"), ("../a", "/x/y", "/x/a"),
        ("../../../a", "/x", "/a"), (".", "/", "/"), ("a//b/", "/", "/a/b"),
    ])
    func makesPathsAbsolute(path: String, directory: String, expected: String) {
        #expect(Paths.absolute(path, in: directory) == expected)
    }
}
