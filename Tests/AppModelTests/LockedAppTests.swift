import AppModel
import Foundation
import Testing

@Suite struct LockedAppTests {
    private static var sample: LockedApp {
        var metadata = LockedApp.Metadata(name: "app")
        metadata.version = "1.0"
        metadata.triggers = ["http": .object([:])]
        metadata.trigger = ["type": .string("http")]
        metadata.origin = FileURL.string(path: "/my app/spin.toml")
        var app = LockedApp(metadata: metadata)
        app.variables = [
            "greeting": LockedVariable(description: "Hi", default: "Hello"), "token": LockedVariable(secret: true),
        ]
        app.triggers = [
            LockedTrigger(
                id: "hello-http-trigger", triggerType: "http",
                triggerConfig: ["component": .string("hello"), "route": .string("/...")])
        ]
        var component = LockedComponent(id: "hello", source: LockedContent(path: "/my app/hello.wasm"))
        component.metadata.description = "Says hello"
        component.metadata.build = BuildSettings(commands: ["make"], workdir: "src")
        component.environment = ["A": "1"]
        component.files = [LockedMount(directory: "/tmp/w/assets/hello", guestPath: "/")]
        component.config = ["text": "{{ greeting }}"]
        app.components = [component]
        return app
    }

    private static let golden = """
        {
          "components" : [
            {
              "config" : {
                "text" : "{{ greeting }}"
              },
              "env" : {
                "A" : "1"
              },
              "files" : [
                {
                  "path" : "/",
                  "source" : "file:///tmp/w/assets/hello"
                }
              ],
              "id" : "hello",
              "metadata" : {
                "build" : {
                  "command" : "make",
                  "workdir" : "src"
                },
                "description" : "Says hello"
              },
              "source" : {
                "content_type" : "application/wasm",
                "source" : "file:///my%20app/hello.wasm"
              }
            }
          ],
          "metadata" : {
            "name" : "app",
            "origin" : "file:///my%20app/spin.toml",
            "trigger" : {
              "type" : "http"
            },
            "triggers" : {
              "http" : {

              }
            },
            "version" : "1.0"
          },
          "spin_lock_version" : 0,
          "triggers" : [
            {
              "id" : "hello-http-trigger",
              "trigger_config" : {
                "component" : "hello",
                "route" : "/..."
              },
              "trigger_type" : "http"
            }
          ],
          "variables" : {
            "greeting" : {
              "default" : "Hello",
              "description" : "Hi"
            },
            "token" : {
              "secret" : true
            }
          }
        }
        """

    @Test func writesSpinsFormat() throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        #expect(String(decoding: try encoder.encode(Self.sample), as: UTF8.self) == Self.golden)
    }

    @Test func readsItBack() throws {
        #expect(try JSONDecoder().decode(LockedApp.self, from: Data(Self.golden.utf8)) == Self.sample)
    }

    @Test(arguments: [
        (#"{"spin_lock_version": 0, "triggers": [], "components": []}"#, true),
        (#"{"spin_lock_version": 1, "triggers": [], "components": [], "never_such_a_field": 1}"#, true),
        (
            #"{"spin_lock_version": 1, "triggers": [], "components": [], "must_understand": ["host_requirements"], "host_requirements": {"x": "optional"}}"#,
            true
        ),
        (
            #"{"spin_lock_version": 1, "triggers": [], "components": [], "host_requirements": {"local_service_chaining": "required"}}"#,
            true
        ),
        (
            #"{"spin_lock_version": 1, "triggers": [], "components": [], "host_requirements": {"accelerated_spline_reticulation": "required"}}"#,
            false
        ),
        (#"{"spin_lock_version": 1, "triggers": [], "components": [], "must_understand": ["something"]}"#, false),
        (#"{"spin_lock_version": 2, "triggers": [], "components": []}"#, false),
        (#"{"triggers": [], "components": []}"#, false),
    ])
    func versionsAndRequirements(json: String, isRead: Bool) {
        let app = try? JSONDecoder().decode(LockedApp.self, from: Data(json.utf8))
        #expect((app != nil) == isRead)
    }

    @Test(arguments: [
        ("/a/b", "file:///a/b"), ("/a b/ä%?#", "file:///a%20b/%C3%A4%25%3F%23"),
        ("/a-._~!$&'()*+,;=:@", "file:///a-._~!$&'()*+,;=:@"),
    ])
    func fileURLs(path: String, url: String) {
        #expect(FileURL.string(path: path) == url)
        #expect(FileURL.path(url) == path)
    }

    @Test(arguments: ["http://x", "file://host/a", "/a", "file:///%", "file:///%zz", "file:///%00", ""])
    func refusesOtherURLs(url: String) {
        #expect(FileURL.path(url) == nil)
    }

    @Test(arguments: [
        ("127.0.0.1:3000", "127.0.0.1", 3000), ("localhost:0", "localhost", 0), ("[::1]:80", "::1", 80),
        ("0.0.0.0:65535", "0.0.0.0", 65535),
    ])
    func listenAddresses(text: String, host: String, port: Int) {
        #expect(ListenAddress(text) == ListenAddress(host: host, port: port))
        #expect(ListenAddress(text)?.description == text)
    }

    @Test(arguments: [
        "3000", ":3000", "a:", "a:65536", "a:-1", "a:+1", "::1:80", "[::1]", "[::1]80", "a:b", "", "[]:80",
    ])
    func refusesOtherAddresses(text: String) {
        #expect(ListenAddress(text) == nil)
    }
}
