import Foundation
import Testing

/// Components of 2023: they are told apart by what they export, and served like any other.
@Suite struct SnapshotTests {
    @Test(arguments: ["october", "november"]) func servesGuestsOfThatTime(_ month: String) async throws {
        let app = try TestApp(guests: ["hello-\(month)", "echo-\(month)", "hello"])
        try await SwirlServer.serve(app) { server throws in
            let response = try server.get("/hello-\(month)")
            #expect(response.status == 200)
            #expect(response.text == "Hello from a Swirl test guest\n")
            #expect(response["x-snapshot"] == (month == "october" ? "october" : nil))
            let body = Data((0..<300_000).map { UInt8(truncatingIfNeeded: $0 &* 31 &+ $0 >> 11) })
            let echoed = try server.send("POST", "/echo-\(month)", body: body)
            #expect(echoed.isComplete)
            #expect(echoed.body == body)
            #expect(try server.get("/hello").status == 200)
        }
    }

    /// What `swirl up` says of a component that exports several handlers, none, one of a version that nobody knows, or
    /// one of another type.
    @Test(arguments: [
        ("two-handlers", ["2 HTTP handlers", "@0.2.0-rc-2023-11-10", "@0.2.0 and", "cannot be told"]),
        (
            "(component)",
            ["exports none of wasi:http/incoming-handler@0.2, wasi:http/handler@0.3", "it exports nothing"]
        ),
        (Self.exporting("wasi:cli/run@0.2.0"), ["exports none of wasi:http", "it exports wasi:cli/run@0.2.0"]),
        (Self.exporting("wasi:http/incoming-handler@0.2.0-rc-2023-12-05"), ["@0.2.0-rc-2023-12-05", "0.2.x"]),
        (Self.exporting("wasi:http/incoming-handler@0.3.0"), ["@0.3.0, but"]),
        (Self.exporting("wasi:http/incoming-handler@0.2.3"), ["`handle`", "type"]),
        (Self.exporting("wasi:http/incoming-handler@0.2.3", function: "other"), ["no function `handle`"]),
    ]) func refusesOthers(_ guest: String, _ messages: [String]) async throws {
        let isText = guest.hasPrefix("(")
        let app = try TestApp(
            components: [("a", "/...", isText ? URL(filePath: "guest.wat") : Places.textGuest(guest))])
        if isText {
            try app.write(Data(guest.utf8), to: "guest.wat")
            let manifest = try app.read("spin.toml").replacing(URL(filePath: "guest.wat").path, with: "guest.wat")
            try app.write(Data(manifest.utf8), to: "spin.toml")
        }
        let result = try await blocking {
            try Command.run(["up", "--listen", "127.0.0.1:0"], in: app.directory)
        }
        #expect(result.status == 1)
        for message in messages { #expect(result.errors.contains(message), "\(result.errors)") }
    }

    /// A component whose export has a function of no parameters: called with two, the host would write past them.
    private static func exporting(_ interface: String, function: String = "handle") -> String {
        """
        (component
          (core module $m (func (export "f")))
          (core instance $m (instantiate $m))
          (func $f (canon lift (core func $m "f")))
          (instance $i (export "\(function)" (func $f)))
          (export "\(interface)" (instance $i)))
        """
    }
}
