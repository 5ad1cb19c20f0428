import AppModel
import Foundation
import TestSupport
import Testing

@Suite struct MaintenanceCommandTests {
    @Test func writesTheSchema() async throws {
        let directory = try TemporaryFolder()
        let run = await CommandRun.swirl("maintenance", "generate-manifest-schema", "-o", "s.json", in: directory.path)
        #expect(run.error == "")
        #expect(run.exitCode == 0)
        let text = try #require(directory.read("s.json"))
        let schema = try JSONDecoder().decode(JSONValue.self, from: Data(text.utf8))
        let properties = try #require(schema.object?["properties"]?.object)
        #expect(
            properties.keys.sorted() == ["application", "component", "spin_manifest_version", "trigger", "variables"])
        let component = schema.object?["$defs"]?.object?["component"]?.object?["properties"]?.object
        #expect(component?.keys.contains("dependencies_inherit_configuration") == true)
        let printed = await CommandRun.swirl("maintenance", "generate-manifest-schema")
        #expect(printed.output == text)
        // Hidden, as in Spin.
        #expect(await !CommandRun.swirl("--help").output.contains("maintenance"))
    }
}
