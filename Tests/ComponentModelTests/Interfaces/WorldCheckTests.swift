import ComponentModel
import Testing
import WasmEngine

/// Components against worlds of encoded WIT packages.
@Suite struct WorldCheckTests {
    /// A package with one world, as wit-component encodes it.
    private static func package(_ world: String) throws -> [UInt8] {
        try Engine.assemble(
            "(component (type (export \"w\") (component (export \"acme:host/w@1.0.0\" (component \(world))))))")
    }

    private static func findings(
        _ component: String, _ world: String, name: String = "w", plugged: String? = nil
    ) throws -> WorldCheck.Findings {
        let component = try Engine.assemble("(component \(component))")
        let package = try Self.package(world)
        return try component.withUnsafeBytes { component in
            try package.withUnsafeBytes { package in
                try WorldCheck.findings(of: component, in: .package(package, world: name)) { $0.text == plugged }
            }
        }
    }

    private static let handler = """
        (core module $m (func (export "f") (param i32)))
        (core instance $i (instantiate $m))
        """

    @Test(arguments: [
        ("", ""),
        (
            #"(import "a:b/c@1.0.0" (instance (export "f" (func))))"#,
            #"(import "a:b/c@1.4.0" (instance (export "f" (func)) (export "g" (func))))"#
        ),
        (#"(import "f" (func (param "a" u8)))"#, #"(import "f" (func (param "a" u8)))"#),
        // Types of imports that what is exported uses are the world's.
        (
            """
            (import "a:b/t@1.0.0" (instance $t (export "r" (type (sub resource)))))
            (alias export $t "r" (type $r))
            \(handler)
            (func $f (param "r" (own $r)) (canon lift (core func $i "f")))
            (instance $x (export "f" (func $f)))
            (export "a:b/x@1.0.0" (instance $x))
            """,
            """
            (import "a:b/t@1.0.0" (instance $t (export "r" (type (sub resource)))))
            (alias export $t "r" (type $r))
            (export "a:b/x@1.0.0" (instance
              (alias outer 1 $r (type $s)) (export "r" (type $u (eq $s))) (export "f" (func (param "r" (own $u))))))
            """
        ),
    ])
    func acceptsWhatFits(component: String, world: String) throws {
        // What is exported without the type that it uses lacks nothing that can be called.
        let findings = try Self.findings(component, world)
        #expect(findings.missingImports.isEmpty && findings.missingExports.isEmpty, "\(findings)")
    }

    @Test func tellsWhatIsMissing() throws {
        let findings = try Self.findings(
            #"(import "a:b/c@1.0.0" (instance)) (import "plugged" (func)) (import "f" (func))"#,
            #"(import "a:b/c@2.0.0" (instance)) (export "g" (func)) (export "a:b/d" (instance))"#, plugged: "plugged")
        #expect(findings.missingImports == ["a:b/c@1.0.0", "f"])
        #expect(findings.missingExports == ["g", "a:b/d"])
    }

    @Test(arguments: [
        (
            #"(import "f" (func (param "a" u8)))"#, #"(import "f" (func (param "a" u16)))"#,
            WorldMismatch(interface: "f", component: "f: func(a: u8);", world: "f: func(a: u16);")
        ),
        (
            #"(import "a:b/c@1.0.0" (instance (export "f" (func))))"#, #"(import "a:b/c@1.4.0" (instance))"#,
            WorldMismatch(interface: "a:b/c@1.0.0", component: "f: func();", world: nil)
        ),
        (
            handler + #" (func (export "f") (param "a" u32) (canon lift (core func $i "f")))"#,
            #"(export "f" (func (param "b" u32)))"#,
            WorldMismatch(interface: "f", component: "f: func(a: u32);", world: "f: func(b: u32);")
        ),
        (
            handler
                + #" (func $f (param "a" u32) (canon lift (core func $i "f"))) (instance $x (export "f" (func $f))) (export "a:b/x" (instance $x))"#,
            #"(export "a:b/x" (instance (export "f" (func (param "a" u32))) (export "g" (func))))"#,
            WorldMismatch(interface: "a:b/x", component: nil, world: "g: func();")
        ),
    ])
    func tellsWhatDiffers(component: String, world: String, mismatch: WorldMismatch) throws {
        #expect(try Self.findings(component, world).mismatches == [mismatch])
    }

    @Test func knowsTheWorldsOfAPackage() throws {
        #expect(
            #expect(throws: ComponentInterfaces.Problem.self) { try Self.findings("", "", name: "v") }?.description
                == "the package has no world `v`: it has `w`")
    }
}
