import ComponentModel
import Testing
import WasmEngine

/// Imports that this host cannot satisfy, in words that say what to do.
@Suite struct LinkErrorTests {
    /// A component that calls one imported function.
    private static func calls(_ function: String, _ type: String, of interface: String) -> String {
        """
        (component
          (import "\(interface)" (instance $i (export "\(function)" (func \(type)))))
          (core func $f (canon lower (func $i "\(function)")))
          (core module $main
            (import "h" "f" (func $f))
            (func (export "run") (result i32) (call $f) (i32.const 1)))
          (core instance $h (export "f" (func $f)))
          (core instance $main (instantiate $main (with "h" (instance $h))))
          (func (export "run") (result u32) (canon lift (core func $main "run"))))
        """
    }

    @Test(arguments: [
        (
            "unknown:host/api@1.0.0", "pause", "",
            "it imports unknown:host/api@1.0.0#pause, but nobody provides the interface unknown:host/api"
        ),
        (
            "test:host/api@2.0.0", "pause", "",
            "it imports test:host/api in version 2.0.0; offered are 1.0.0 up to but not including 2.0.0"
        ),
        (
            "test:host/api@1.0.0-rc.1", "pause", "",
            "it imports test:host/api in version 1.0.0-rc.1; offered are 1.0.0 up to but not including 2.0.0"
        ),
        (
            "test:host/api", "pause", "",
            "it imports test:host/api in version (none); offered are 1.0.0 up to but not including 2.0.0"
        ),
        (
            "test:host/api@1.2.0", "sleep", "",
            "it imports test:host/api@1.2.0#sleep, which the interface as provided here does not have"
        ),
    ])
    func missingImportsAreNamed(interface: String, function: String, type: String, message: String) throws {
        let error = #expect(throws: LinkError.self) {
            try linked(Self.calls(function, type, of: interface))
        }
        #expect(error?.description == "component \"guest\": \(message)")
    }

    @Test func anotherTypeIsShownBesideOurs() throws {
        let error = #expect(throws: LinkError.self) {
            try linked(
                """
                (component
                  (import "test:host/api@1.0.0" (instance $i (export "add" (func (param "a" u64) (result u64)))))
                  (core func $f (canon lower (func $i "add")))
                  (core module $main (import "h" "f" (func (param i64) (result i64))))
                  (core instance $h (export "f" (func $f)))
                  (core instance (instantiate $main (with "h" (instance $h)))))
                """)
        }
        #expect(
            error?.message == """
                it imports test:host/api@1.0.0#add as
                  (u64) -> u64
                but the host provides
                  (u32, u64) -> u64
                """)
    }

    @Test func functionsOutsideInterfacesAreNotProvided() throws {
        let error = #expect(throws: LinkError.self) {
            try linked(
                """
                (component
                  (import "log" (func $log))
                  (core func $f (canon lower (func $log)))
                  (core module $main (import "h" "f" (func)))
                  (core instance $h (export "f" (func $f)))
                  (core instance (instantiate $main (with "h" (instance $h)))))
                """)
        }
        #expect(error?.message == "it imports the function \"log\" outside any interface, which nobody provides")
    }

    /// Such a component starts; only who calls the function is stopped.
    @Test func announcedFunctionsTrapByName() throws {
        let component = try linked(Self.calls("open", "", of: "later:store/kv@2.0.0"))
        do {
            _ = try run(component)
            Issue.record("the function is not provided")
        } catch WasmFailure.host(let error as UnprovidedFunction) {
            #expect(error.name == "later:store/kv@2.0.0#open")
            #expect(error.description.contains("was called; this version of Swirl does not provide it"))
        }
    }

    @Test func anUnusedUnknownImportIsNoError() throws {
        let component = try linked(
            """
            (component
              (import "unknown:host/api@1.0.0" (instance (export "f" (func))))
              (core module $main (func (export "run") (result i32) (i32.const 6)))
              (core instance $main (instantiate $main))
              (func (export "run") (result u32) (canon lift (core func $main "run"))))
            """)
        #expect(try run(component) == 6)
    }

    /// Each import gets the implementation of its own version.
    @Test func versionsLiveSideBySide() throws {
        let registry = HostRegistry([
            Self.number(1, VersionRange(from: "1.0.0", below: "2.0.0")),
            Self.number(2, VersionRange(from: "2.0.0", below: "3.0.0")),
        ])
        let component = try linked(
            """
            (component
              (import "test:host/number@1.4.0" (instance $one (export "number" (func (result u32)))))
              (import "test:host/number@2.0.1" (instance $two (export "number" (func (result u32)))))
              (core func $f (canon lower (func $one "number")))
              (core func $g (canon lower (func $two "number")))
              (core module $main
                (import "h" "f" (func $f (result i32)))
                (import "h" "g" (func $g (result i32)))
                (func (export "run") (result i32)
                  (i32.add (i32.mul (call $f) (i32.const 10)) (call $g))))
              (core instance $h (export "f" (func $f)) (export "g" (func $g)))
              (core instance $main (instantiate $main (with "h" (instance $h))))
              (func (export "run") (result u32) (canon lift (core func $main "run"))))
            """, registry: registry)
        #expect(try run(component) == 12)
    }

    private static func number(_ number: UInt32, _ versions: VersionRange) -> HostInterface {
        HostInterface(
            name: "test:host/number", versions: [versions], resources: [:],
            functions: [HostFunction(name: "number", signature: "() -> u32") { $0.returnI32(number) }])
    }
}
