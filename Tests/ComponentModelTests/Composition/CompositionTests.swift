import ComponentModel
import Testing
import WasmEngine

/// Components made one of several files: what passes between them.
@Suite struct CompositionTests {
    private typealias Texts = CompositionTexts

    @Test(arguments: [
        ("test:dep/math@1.0.0", "test:dep/math@1.0.0", nil as String?, "test:dep/math@1.0.0"),
        ("test:dep/math@1.2.0", "test:dep/math@1.0.0", nil, "test:dep/math@1.3.0"),
        ("test:dep/math@0.2.1", "test:dep/math@0.2.0", nil, "test:dep/math@0.2.9"),
        ("test:dep/math", "test:dep/math", nil, "test:dep/math"),
        ("test:dep", "test:dep/math@1.0.0", nil, "test:dep/math@1.0.0"),
        ("test:dep@1.0.0", "test:dep/math@1.0.0", nil, "test:dep/math@1.0.0"),
        ("test:dep/math@1.0.0", "test:dep/math@1.0.0", "other:thing/sums@3.0.0", "other:thing/sums@3.0.0"),
        ("maths", "maths", nil, "maths"),
        ("maths", "maths", "test:dep/math@1.0.0", "test:dep/math@1.0.0"),
    ])
    func satisfiesImport(_ target: String, _ imported: String, _ export: String?, _ exported: String) throws {
        let composed = try Composed(
            Texts.caller([imported]), [.init(target, Texts.adder(exported), export: export)])
        #expect(try composed.run() == 42)
    }

    @Test func givesEachDependencyItsInstance() throws {
        // The same file twice: two instances, one module.
        let main = Texts.caller(["test:dep/math@1.0.0", "test:dep/math@2.0.0"])
        let composed = try Composed(
            main,
            [
                .init("test:dep@1.0.0", Texts.adder(), export: "test:dep/math@1.0.0"),
                .init("test:dep@2.0.0", Texts.adder(bias: 100), export: "test:dep/math@1.0.0"),
            ])
        #expect(try composed.run() == 143)
    }

    @Test func composesDependenciesOfDependencies() throws {
        let middle = Texts.caller(["in:ner/math"], export: "test:dep/math@1.0.0")
        let composed = try Composed(
            Texts.caller(),
            [.init("test:dep", middle, plugs: [.init("in:ner", Texts.adder("in:ner/math", bias: 1000))])])
        #expect(try composed.run() == 2084)
        #expect(try composed.plan().imports.isEmpty)
    }

    @Test func passesText() throws {
        let greeter = """
            (component
              \(Texts.allocator)
              (core module $m
                (import "libc" "memory" (memory 1))
                (import "libc" "realloc" (func $realloc (param i32 i32 i32 i32) (result i32)))
                (data (i32.const 64) "Hello, ")
                (func (export "greet") (param i32 i32) (result i32) (local $text i32)
                  (local.set $text (call $realloc (i32.const 0) (i32.const 0) (i32.const 1)
                    (i32.add (local.get 1) (i32.const 7))))
                  (memory.copy (local.get $text) (i32.const 64) (i32.const 7))
                  (memory.copy (i32.add (local.get $text) (i32.const 7)) (local.get 0) (local.get 1))
                  (i32.store (i32.const 8) (local.get $text))
                  (i32.store (i32.const 12) (i32.add (local.get 1) (i32.const 7)))
                  (i32.const 8)))
              (core instance $m (instantiate $m (with "libc" (instance $libc))))
              (func $greet (param "name" string) (result string) (canon lift (core func $m "greet")
                (memory (core memory $libc "memory")) (realloc (core func $libc "realloc"))))
              (instance $i (export "greet" (func $greet)))
              (export "test:dep/greeting" (instance $i)))
            """
        let main = """
            (component
              (import "test:dep/greeting" (instance $dep
                (export "greet" (func (param "name" string) (result string)))))
              \(Texts.allocator)
              (core func $greet (canon lower (func $dep "greet") string-encoding=utf16
                (memory (core memory $libc "memory")) (realloc (core func $libc "realloc"))))
              (core module $m
                (import "libc" "memory" (memory 1))
                (import "" "greet" (func $greet (param i32 i32 i32)))
                (data (i32.const 64) "B\\00o\\00b\\00")
                (func (export "run") (result i32)
                  (call $greet (i32.const 64) (i32.const 3) (i32.const 8))
                  ;; Its length, and its eighth character.
                  (i32.add (i32.mul (i32.load (i32.const 12)) (i32.const 1000))
                    (i32.load16_u offset=14 (i32.load (i32.const 8))))))
              (core instance $m (instantiate $m (with "libc" (instance $libc))
                (with "" (instance (export "greet" (func $greet))))))
              (func (export "run") (result u32) (canon lift (core func $m "run"))))
            """
        let composed = try Composed(main, [.init("test:dep", greeter)])
        #expect(try composed.run() == 10_000 + UInt32(UInt8(ascii: "B")))
        #expect(try composed.linked().plan.steps.count == 1, "calls between components are calls in one module")
    }

    /// Functions of the host that both sides import.
    private static func thingImport(_ version: String) -> String {
        """
        (import "test:host/api@\(version)" (instance $api
          (export "thing" (type $thing (sub resource)))
          (export "make" (func (param "value" u32) (result (own $thing))))
          (export "value" (func (param "self" (borrow $thing)) (result u32)))))
        (alias export $api "thing" (type $thing))
        (core func $drop (canon resource.drop $thing))
        (core func $new (canon lower (func $api "make")))
        (core func $get (canon lower (func $api "value")))
        """
    }

    @Test func sharesResourcesOfTheHost() throws {
        let dependency = """
            (component
              \(Self.thingImport("1.4.0"))
              (core module $m
                (import "" "get" (func $get (param i32) (result i32)))
                (import "" "new" (func $new (param i32) (result i32)))
                (import "" "drop" (func $drop (param i32)))
                (func (export "look") (param i32) (result i32) (local $value i32)
                  (local.set $value (call $get (local.get 0)))
                  (call $drop (local.get 0))
                  (local.get $value))
                (func (export "double") (param i32) (result i32) (local $value i32)
                  (local.set $value (call $get (local.get 0)))
                  (call $drop (local.get 0))
                  (call $new (i32.mul (local.get $value) (i32.const 2)))))
              (core instance $m (instantiate $m (with "" (instance
                (export "get" (func $get)) (export "new" (func $new)) (export "drop" (func $drop))))))
              (func $look (param "t" (borrow $thing)) (result u32) (canon lift (core func $m "look")))
              (func $double (param "t" (own $thing)) (result (own $thing)) (canon lift (core func $m "double")))
              (instance $i (export "look" (func $look)) (export "double" (func $double)))
              (export "test:dep/things" (instance $i)))
            """
        let main = """
            (component
              \(Self.thingImport("1.0.0"))
              (import "test:dep/things" (instance $dep
                (alias outer 1 $thing (type $t)) (export "thing" (type $t' (eq $t)))
                (export "look" (func (param "t" (borrow $t')) (result u32)))
                (export "double" (func (param "t" (own $t')) (result (own $t'))))))
              (core func $look (canon lower (func $dep "look")))
              (core func $double (canon lower (func $dep "double")))
              (core module $m
                (import "" "new" (func $new (param i32) (result i32)))
                (import "" "get" (func $get (param i32) (result i32)))
                (import "" "drop" (func $drop (param i32)))
                (import "" "look" (func $look (param i32) (result i32)))
                (import "" "double" (func $double (param i32) (result i32)))
                (func (export "run") (result i32) (local $t i32) (local $sum i32)
                  (local.set $t (call $new (i32.const 21)))
                  (local.set $sum (i32.mul (call $look (local.get $t)) (i32.const 100)))
                  (local.set $t (call $double (local.get $t)))
                  (local.set $sum (i32.add (local.get $sum) (call $get (local.get $t))))
                  (call $drop (local.get $t))
                  (local.get $sum)))
              (core instance $m (instantiate $m (with "" (instance
                (export "new" (func $new)) (export "get" (func $get)) (export "drop" (func $drop))
                (export "look" (func $look)) (export "double" (func $double))))))
              (func (export "run") (result u32) (canon lift (core func $m "run"))))
            """
        let exporting = dependency.replacing(
            "(instance $i (export", with: "(instance $i (export \"thing\" (type $thing)) (export")
        let composed = try Composed(main, [.init("test:dep", exporting)])
        for component in [try composed.linked(), try composed.encoded().linked()] {
            let host = Recorder()
            #expect(try run(component, host: host) == 2142)
            #expect(host.things.live == 0)
            #expect(host.things.made == 2)
        }
    }

    @Test func passesResourcesOfTheDependency() throws {
        let dependency = """
            (component
              (core module $d (func (export "gone") (param i32)))
              (core instance $d (instantiate $d))
              (type $counter' (resource (rep i32) (dtor (core func $d "gone"))))
              (core func $new (canon resource.new $counter'))
              (core module $m
                (import "" "new" (func $new (param i32) (result i32)))
                (func (export "make") (param i32) (result i32) (call $new (local.get 0)))
                (func (export "get") (param i32) (result i32) (local.get 0)))
              (core instance $m (instantiate $m (with "" (instance (export "new" (func $new))))))
              (func $make' (param "from" u32) (result (own $counter')) (canon lift (core func $m "make")))
              (func $get' (param "self" (borrow $counter')) (result u32) (canon lift (core func $m "get")))
              (component $shape
                (import "counter" (type $c (sub resource)))
                (import "make" (func $make (param "from" u32) (result (own $c))))
                (import "get" (func $get (param "self" (borrow $c)) (result u32)))
                (export $c' "counter" (type $c))
                (export "[constructor]counter" (func $make) (func (param "from" u32) (result (own $c'))))
                (export "[method]counter.get" (func $get) (func (param "self" (borrow $c')) (result u32))))
              (instance $i (instantiate $shape (with "counter" (type $counter'))
                (with "make" (func $make')) (with "get" (func $get'))))
              (export "test:dep/counters@1.0.0" (instance $i)))
            """
        let main = """
            (component
              (import "test:dep/counters@1.0.0" (instance $dep
                (export "counter" (type $c (sub resource)))
                (export "[constructor]counter" (func (param "from" u32) (result (own $c))))
                (export "[method]counter.get" (func (param "self" (borrow $c)) (result u32)))))
              (alias export $dep "counter" (type $c))
              (core func $make (canon lower (func $dep "[constructor]counter")))
              (core func $get (canon lower (func $dep "[method]counter.get")))
              (core func $drop (canon resource.drop $c))
              (core module $m
                (import "" "make" (func $make (param i32) (result i32)))
                (import "" "get" (func $get (param i32) (result i32)))
                (import "" "drop" (func $drop (param i32)))
                (func (export "run") (result i32) (local $c i32) (local $v i32)
                  (local.set $c (call $make (i32.const 77)))
                  (local.set $v (call $get (local.get $c)))
                  (call $drop (local.get $c))
                  (local.get $v)))
              (core instance $m (instantiate $m (with "" (instance
                (export "make" (func $make)) (export "get" (func $get)) (export "drop" (func $drop))))))
              (func (export "run") (result u32) (canon lift (core func $m "run"))))
            """
        #expect(try Composed(main, [.init("test:dep/counters", dependency)]).run() == 77)
    }

    // MARK: - What does not fit

    @Test(arguments: [
        (
            "test:other", "test:dep/math@1.0.0", nil as String?,
            "dependency \"test:other\": \"main\" has no import of this name; it imports test:dep/math@1.0.0"
        ),
        (
            "test:dep/maths", "test:dep/math@1.0.0", nil,
            "dependency \"test:dep/maths\": \"main\" has no import of this name; it imports test:dep/math@1.0.0"
        ),
        (
            "test:dep@2.0.0", "test:dep/math@1.0.0", nil,
            "dependency \"test:dep@2.0.0\": \"main\" has no import of this name; it imports test:dep/math@1.0.0"
        ),
        (
            "test:dep", "test:dep/math@2.0.0", nil,
            "dependency \"test:dep\": it does not export test:dep/math@1.0.0, which \"main\" imports; it exports test:dep/math@2.0.0"
        ),
        (
            "test:dep/math", "test:dep/math@1.0.0", "sums",
            "dependency \"test:dep/math\": it does not export sums (`export`); it exports test:dep/math@1.0.0"
        ),
    ])
    func refusesUnmatched(_ target: String, _ exported: String, _ export: String?, _ problem: String) throws {
        let composed = try Composed(Texts.caller(), [.init(target, Texts.adder(exported), export: export)])
        #expect(try composed.problem() == problem)
    }

    @Test func refusesTwoForOneImport() throws {
        let composed = try Composed(
            Texts.caller(), [.init("test:dep", Texts.adder()), .init("test:dep/math", Texts.adder())])
        #expect(
            try composed.problem()
                == "dependency \"test:dep/math\": it is for the import test:dep/math@1.0.0 of \"main\", and so is \"test:dep\""
        )
    }

    @Test(arguments: [
        (
            #"(param "a" u32) (param "b" s32) (result u32)"#,
            "function 'add' has type (u32, s32) -> u32, but (u32, u32) -> u32 is wanted"
        ),
        (
            #"(param "a" u32) (param "c" u32) (result u32)"#, "function 'add' has"
        ),
        (#"(param "a" u32) (param "b" u32) (result (own $r))"#, "function 'add' has type"),
    ])
    func refusesOtherTypes(_ type: String, _ problem: String) throws {
        let dependency = """
            (component
              (type $r' (resource (rep i32)))
              (export $r "r" (type $r'))
              (core module $m (func (export "add") (param i32 i32) (result i32) unreachable))
              (core instance $m (instantiate $m))
              (func $add \(type) (canon lift (core func $m "add")))
              (instance $i (export "add" (func $add)))
              (export "test:dep/math@1.0.0" (instance $i)))
            """
        let found = try Composed(Texts.caller(), [.init("test:dep", dependency)]).problem()
        let start =
            "dependency \"test:dep\": its export test:dep/math@1.0.0 does not fit the import test:dep/math@1.0.0: "
        #expect(found.hasPrefix(start + problem), "\(found)")
    }

    @Test func refusesOtherSorts() throws {
        let function = """
            (component
              (core module $m (func (export "f")))
              (core instance $m (instantiate $m))
              (func (export "maths") (canon lift (core func $m "f"))))
            """
        let found = try Composed(Texts.caller(["maths"]), [.init("maths", function)]).problem()
        #expect(found.contains("'maths' is of another sort than what is wanted: function"), "\(found)")
        let module = """
            (component (core module $m) (instance $i (export "code" (core module $m)))
              (export "test:dep/code" (instance $i)))
            """
        let main = """
            (component (import "test:dep/code" (instance (export "code" (core module)))))
            """
        let second = try Composed(main, [.init("test:dep", module)]).problem()
        #expect(second.contains("a dependency cannot supply a module"), "\(second)")
    }

    /// Exports what its start function returns.
    private static let maker = """
        (component
          (core module $m (func (export "f") (result i32) (i32.const 41)))
          (core instance $i (instantiate $m))
          (func $f (result u32) (canon lift (core func $i "f")))
          (start $f (result (value $v)))
          (export "seed" (value $v)))
        """

    @Test func passesValues() throws {
        let main = """
            (component
              (import "seed" (value $v u32))
              (core module $m
                (global $seed (mut i32) (i32.const 0))
                (func (export "keep") (param i32) (global.set $seed (local.get 0)))
                (func (export "run") (result i32) (i32.add (global.get $seed) (i32.const 1))))
              (core instance $i (instantiate $m))
              (func $keep (param "v" u32) (canon lift (core func $i "keep")))
              (start $keep (value $v))
              (func (export "run") (result u32) (canon lift (core func $i "run"))))
            """
        let composed = try Composed(main, [.init("seed", Self.maker)])
        for isMerged in [false, true] {
            #expect(try ComponentModelTests.run(try composed.linked(isMerged: isMerged)) == 42)
        }
        // Registries are for other hosts, none of which has values.
        #expect(throws: CompositionError.self) { try composed.encoded() }
    }

    @Test func refusesValuesOfOtherTypes() throws {
        let main = "(component (import \"seed\" (value $v string)) (export \"v\" (value $v)))"
        let problem = try Composed(main, [.init("seed", Self.maker)]).problem()
        #expect(problem.contains("value 'seed' is not of the type that is wanted"), "\(problem)")
        #expect(try Composed(main, []).problem().contains("the host supplies no values: import 'seed'"))
    }

    @Test func saysWhichFileIsBad() throws {
        var composed = try Composed(Texts.caller(), [.init("test:dep", Texts.adder())])
        var image = composed.image
        let range = try #require(composed.composition.root.plugs.first).part.range
        image[range.lowerBound + 8] = 0x7f
        composed = Composed(image: image, composition: composed.composition)
        #expect(
            try composed.problem()
                == "dependency \"test:dep\": component is malformed at byte 0x8: malformed section id: 127")
    }

    @Test func saysWhoImportsWhatNobodyProvides() throws {
        let middle = Texts.caller(["no:body/math"], export: "test:dep/math@1.0.0")
        let error = #expect(throws: LinkError.self) {
            try Composed(Texts.caller(), [.init("test:dep", middle)]).linked()
        }
        #expect(
            error?.description
                == "component \"main\": its dependency \"test:dep\" imports no:body/math#add, but nobody provides the interface no:body/math"
        )
    }
}
