import AppModel
import ComponentModel
import Executor
import TestSupport
import Testing
import WasmEngine

/// Components that are refused for what is around them, by what the user is told.
@Suite struct ComponentLoaderTests {
    private static let component = "(component)"
    private static let middleware = """
        (component (import "wasi:http/handler@0.3.0" (instance $h)) (export "wasi:http/handler@0.3.0" (instance $h)))
        """

    private static func message(
        _ text: String, middleware: [String] = [], memoryLimit: Int? = nil
    ) throws -> String? {
        let folder = try TemporaryFolder(["c.wat": text])
        let dependencies = try middleware.enumerated().map { index, text in
            try folder.write("m\(index).wat", text)
            return LockedDependency(
                source: LockedContent(path: folder.file("m\(index).wat")), place: "spin.toml:\(index + 6):1")
        }
        let loader = ComponentLoader(
            engine: try DrivenGuest.engine.get(), cache: nil, registry: HostRegistry([]), memoryLimit: memoryLimit)
        do {
            _ = try loader.load(folder.file("c.wat"), name: "c", middleware: dependencies)
            return nil
        } catch let error as ComponentLoadError {
            return error.description.replacing("\(folder.path)/", with: "")
        }
    }

    @Test(arguments: [
        (
            [component],
            "spin.toml:6:1: component \"c\": middleware[0] (m0.wat): it does not import `wasi:http/handler@0.3`, so it cannot pass requests on: it is no middleware"
        ),
        (
            [middleware, component],
            "spin.toml:7:1: component \"c\": middleware[1] (m1.wat): it does not import `wasi:http/handler@0.3`, so it cannot pass requests on: it is no middleware"
        ),
        // The last one is right: what it stands in front of is not.
        ([middleware], "component \"c\": it does not export wasi:http/handler@0.3.0, which \"middleware[0]\" imports"),
    ])
    func namesTheMiddlewareThatIsWrong(middleware: [String], message: String) throws {
        let told = try Self.message(Self.component, middleware: middleware)
        #expect(told?.hasPrefix(message) == true, "\(told ?? "")")
    }

    private static func withMemories(_ first: Int, _ second: Int) -> String {
        """
        (component
          (core module $a (memory \(first))) (core module $b (memory \(second))) (core module $unused (memory 9))
          (core instance (instantiate $a)) (core instance (instantiate $b)))
        """
    }

    @Test func refusesWhatNeverFitsIntoTheLimit() throws {
        #expect(try Self.message(Self.withMemories(1, 3), memoryLimit: 6 << 16) == nil)
        let told = try Self.message(Self.withMemories(1, 3), memoryLimit: (6 << 16) - 1)
        #expect(
            told == """
                component "c" (c.wat): a memory of it begins with 196608 bytes, but 393215 are the most that an instance \
                may use, shared out evenly among 2 memories
                  hint: --max-instance-memory 393216, or more
                """)
    }
}
