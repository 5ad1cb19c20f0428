import ComponentModel
import Testing

@Suite struct InvalidComponentTests {
    private func error(of text: String) throws -> ComponentError? {
        let bytes = try ComponentText("(component \(text.replacing("LIBC", with: Self.libc)))").bytes
        do {
            _ = try planned(bytes)
            return nil
        } catch {
            return error
        }
    }

    /// What `LIBC` stands for in the cases.
    private static let libc = """
        (core module $libc
          (memory (export "memory") 1)
          (memory (export "wide") i64 1)
          (func (export "realloc") (param i32 i32 i32 i32) (result i32) unreachable)
          (func (export "short") (param i32))
          (func (export "pair") (param i32 i32))
          (func (export "number") (result i32) unreachable)
          (func (export "v") (param v128)))
        (core instance $libc (instantiate $libc))
        (alias core export $libc "memory" (core memory $memory))
        (alias core export $libc "wide" (core memory $wide))
        (alias core export $libc "realloc" (core func $realloc))
        (alias core export $libc "short" (core func $short))
        (alias core export $libc "pair" (core func $pair))
        (alias core export $libc "number" (core func $number))
        (alias core export $libc "v" (core func $v))
        """

    @Test(arguments: [
        // Indices and sorts.
        ("(core instance (instantiate 0))", "unknown module 0"),
        ("(instance (instantiate 0))", "unknown component 0"),
        ("(export \"a\" (func 0))", "unknown function 0"),
        ("(type (list 7))", "unknown type 7"),
        ("(type $f (func)) (type (list $f))", "is not a defined type"),
        ("(type $t u8) (import \"f\" (func (type $t)))", "is not a function type"),
        ("(type $t u8) (type (own $t))", "is not a resource type"),
        ("(component (alias outer 5 0 (type)))  (instance (instantiate 0))", "invalid outer alias count of 5"),
        ("(component (alias outer 1 0 (type))) (type u8) (instance (instantiate 0))", "type index out of bounds"),
        (
            "(type $r (resource (rep i32))) (component (alias outer 1 $r (type))) (instance (instantiate 0))",
            "transitively refers to resources"
        ),
        ("(instance $i) (alias export $i \"x\" (func))", "has no export named `x`"),
        (
            "(component $c) (instance $i (export \"x\" (component $c))) (alias export $i \"x\" (func))",
            "it is a component"
        ),
        (
            "(core module $m) (core instance $i (instantiate $m)) (alias core export $i \"x\" (core func))",
            "has no export named `x`"
        ),
        // Names.
        ("(import \"a\" (func)) (import \"A\" (func))", "conflicts with previous name `a`"),
        (
            "(component $c) (export \"a\" (component $c)) (export \"A\" (component $c))",
            "conflicts with previous name `a`"
        ),
        ("(import \"a\" (instance (export \"b\" (func)) (export \"B\" (func))))", "conflicts with previous name `b`"),
        ("(type (record (field \"a\" u8) (field \"A\" u8)))", "field name `A` conflicts"),
        ("(type (func (param \"a\" u8) (param \"a\" u8)))", "parameter name `a` conflicts"),
        ("(import \"[method]r.f\" (func))", "should have at least one argument"),
        (
            "(import \"r\" (type $r (sub resource))) (import \"[method]r.f\" (func (param \"self\" (own $r))))",
            "should take a first argument of `(borrow $T)`"
        ),
        (
            "(import \"r\" (type $r (sub resource))) (import \"[constructor]r\" (func (result u32)))",
            "function should return `(own $T)`"
        ),
        ("(import \"r\" (type $r (sub resource))) (import \"[static]r.f\" (instance))", "is not a func"),
        (
            "(import \"i\" (instance (export \"r\" (type (sub resource))) (export \"[static]s.f\" (func))))",
            "static resource name is not known"
        ),
        // Types.
        ("(type $r (resource (rep i32))) (type (func (result (borrow $r))))", "cannot contain a `borrow` type"),
        (
            "(type $r (resource (rep i32))) (type $o (option (borrow $r))) (type (func (result $o)))",
            "cannot contain a `borrow` type"
        ),
        ("(type $t (list u64 100000000))", "exceeds maximum byte size"),
        // Arguments of instantiations.
        ("(component $c (import \"x\" (func))) (instance (instantiate $c))", "missing import named `x`"),
        (
            "(component $c (import \"x\" (func (result u8)))) (import \"f\" (func $f (result u16)))"
                + " (instance (instantiate $c (with \"x\" (func $f))))",
            "type mismatch with result type: expected primitive `u8`"
        ),
        (
            "(component $c (import \"x\" (func (param \"a\" u8)))) (import \"f\" (func $f (param \"b\" u8)))"
                + " (instance (instantiate $c (with \"x\" (func $f))))", "expected parameter named `a`, found `b`"
        ),
        (
            "(component $c (import \"x\" (instance (export \"y\" (func))))) (instance $i)"
                + " (instance (instantiate $c (with \"x\" (instance $i))))", "missing expected export `y`"
        ),
        (
            "(component $c (import \"x\" (func))) (instance $i) (instance (instantiate $c (with \"x\" (instance $i))))",
            "expected func, found instance"
        ),
        (
            "(component $c) (instance (instantiate $c (with \"a\" (component $c)) (with \"a\" (component $c))))",
            "conflicts with previous argument `a`"
        ),
        (
            "(core module $m (import \"a\" \"b\" (func))) (core instance (instantiate $m))",
            "missing module instantiation argument named `a`"
        ),
        (
            "(core module $e) (core module $m (import \"a\" \"b\" (func))) (core instance $e (instantiate $e))"
                + " (core instance (instantiate $m (with \"a\" (instance $e))))", "does not export an item named `b`"
        ),
        (
            "LIBC (core module $m (import \"a\" \"memory\" (func)))"
                + " (core instance (instantiate $m (with \"a\" (instance $libc))))", "expected func, found memory"
        ),
        (
            "LIBC (core module $m (import \"a\" \"short\" (func (param i64))))"
                + " (core instance (instantiate $m (with \"a\" (instance $libc))))", "expected: (func (param i64))"
        ),
        // What nobody instantiates or uses is checked all the same.
        ("(component (export \"a\" (func 0)))", "unknown function 0"),
        ("(component (import \"a\" (func)) (component (export \"a\" (func 0))))", "unknown function 0"),
        ("(type (instance (export \"a\" (func)) (export \"A\" (func))))", "conflicts with previous name `a`"),
        ("(type (component (import \"a\" (func)) (import \"A\" (func))))", "conflicts with previous name `a`"),
        ("(type (component (type $t u8) (export \"a\" (func (type $t)))))", "is not a function type"),
        // Canonical functions.
        ("LIBC (func (param \"x\" u64) (canon lift (core func $short)))", "lowered parameter types `[I64]`"),
        ("LIBC (func (param \"x\" u32) (canon lift (core func $v)))", "parameter types `[V128]`"),
        ("LIBC (func (param \"x\" string) (canon lift (core func $pair)))", "`memory` is required"),
        (
            "LIBC (func (param \"x\" string) (canon lift (core func $pair) (memory $memory)))",
            "`realloc` is required"
        ),
        ("LIBC (func (result string) (canon lift (core func $number)))", "`memory` is required"),
        (
            "LIBC (func (result string) (canon lift (core func $number) (memory $memory)"
                + " (post-return (core func $pair))))", "`post-return` uses a core function with an incorrect signature"
        ),
        (
            "LIBC (import \"f\" (func $f (param \"x\" string))) (core func (canon lower (func $f)))",
            "`memory` is required"
        ),
        (
            "LIBC (import \"f\" (func $f (result string))) (core func (canon lower (func $f) (memory $memory)))",
            "`realloc` is required"
        ),
        (
            "LIBC (import \"f\" (func $f)) (core func (canon lower (func $f) (realloc (core func $realloc))))",
            "`realloc` requires `memory`"
        ),
        (
            "LIBC (import \"f\" (func $f))"
                + " (core func (canon lower (func $f) (memory $memory) (realloc (core func $short))))",
            "`realloc` uses a core function with an incorrect signature"
        ),
        ("LIBC (type $r (resource (rep i32) (dtor (core func $pair))))", "wrong signature for a destructor"),
        ("(import \"r\" (type $r (sub resource))) (core func (canon resource.new $r))", "is not a local resource"),
        ("(import \"r\" (type $r (sub resource))) (core func (canon resource.rep $r))", "is not a local resource"),
    ])
    func rulesAreChecked(text: String, message: String) throws {
        let error = try #require(try self.error(of: text), "not refused")
        #expect(error.kind == .invalid)
        #expect(error.message.contains(message), "\(error)")
        #expect(error.offset >= 8)
    }

    @Test(arguments: [
        ("(import \"c\" (component))", "the host supplies no components"),
        ("(import \"m\" (core module))", "the host supplies no core modules"),
    ])
    func missingFeaturesAreNamed(text: String, message: String) throws {
        let error = try #require(try self.error(of: text), "not refused")
        #expect(error.kind == .unsupported)
        #expect(error.message.contains(message), "\(error)")
    }

    @Test func messagesSayWhere() {
        let error = ComponentError(.invalid, "there is no type 7", offset: 0x1f3)
        #expect(error.description == "component is invalid at byte 0x1f3: there is no type 7")
    }
}
