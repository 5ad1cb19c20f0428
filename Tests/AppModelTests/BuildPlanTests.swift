import AppModel
import Testing

@Suite struct BuildPlanTests {
    private static func plan(_ components: String) throws -> BuildPlan {
        try BuildPlan(text: "spin_manifest_version = 2\napplication.name = \"x\"\n" + components, file: "m")
    }

    private static func component(_ id: String, dependencies: String = "") -> String {
        "[component.\(id)]\nsource = \"\(id).wasm\"\nbuild.command = \"make\"\n[component.\(id).dependencies]\n\(dependencies)\n"
    }

    @Test func dependenciesComeFirst() throws {
        let plan = try Self.plan(
            Self.component("a", dependencies: "\"x:y\" = { component = \"c\" }")
                + Self.component("b", dependencies: "\"x:y\" = { path = \"a.wasm\" }") + Self.component("c")
                + Self.component("d"))
        #expect(plan.steps.map(\.component) == ["c", "a", "b", "d"])
        #expect(plan.cycle.isEmpty)
    }

    @Test func circlesKeepTheOrder() throws {
        let plan = try Self.plan(
            Self.component("a", dependencies: "\"x:y\" = { path = \"b.wasm\" }")
                + Self.component("b", dependencies: "\"x:y\" = { path = \"a.wasm\" }") + Self.component("c"))
        #expect(plan.steps.map(\.component) == ["a", "b", "c"])
        #expect(plan.cycle == ["a", "b"])
    }

    @Test func readsTheBuildSectionsOfBrokenManifests() throws {
        let plan = try Self.plan(
            "nonsense = 1\n" + Self.component("a", dependencies: "\"x:y\" = { component = \"b\" }")
                + Self.component("b"))
        #expect(plan.steps.map(\.component) == ["b", "a"])
        #expect(plan.manifestError != nil)
        let old = try BuildPlan(
            text: "spin_version = \"1\"\n[[component]]\nid = \"A_b\"\n[component.build]\ncommand = \"make\"", file: "m")
        #expect(old.steps.map(\.component) == ["a-b"])
    }
}
