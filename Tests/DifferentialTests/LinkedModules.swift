/// A component of several core modules that import from each other: what merging them must not change.
struct LinkedModules {
    private struct Module {
        var functions = 0
        var hasStart = false
    }

    private var generator: Generator
    private var modules: [Module] = []
    private var text = "(component\n"

    static func random(seed: Int) -> String {
        var linked = LinkedModules(generator: Generator(seed: seed))
        return linked.make()
    }

    private init(generator: Generator) {
        self.generator = generator
    }

    private mutating func make() -> String {
        let count = 2 + self.generator.below(4)
        for index in 0..<count { self.addModule(index) }
        let last = count - 1
        self.text += """
            (func (export "run") (param "x" u32) (result u32) (canon lift (core func $i\(last) "f0")))
            )
            """
        return self.text
    }

    /// What a module sees of memories, tables and globals, by name.
    private struct Scope {
        var memories: [String] = []
        var tables: [String] = []
        var mutableGlobals: [String] = []
        var constants: [String] = []
        var functions: [String] = []
        /// False in a start function.
        var hasParameter = true
    }

    private mutating func addModule(_ index: Int) {
        var scope = Scope()
        var imports = ""
        var instances = ""
        for earlier in 0..<index where self.generator.chance(60) {
            let name = "m\(earlier)"
            instances += " (with \"\(name)\" (instance $i\(earlier)))"
            for function in 0..<self.modules[earlier].functions where self.generator.chance(70) {
                imports += "(import \"\(name)\" \"f\(function)\" (func $\(name)f\(function) (type $f)))\n"
                scope.functions.append("$\(name)f\(function)")
            }
            if self.generator.chance(50) {
                imports += "(import \"\(name)\" \"memory\" (memory $\(name)memory 1))\n"
                scope.memories.append("$\(name)memory")
            }
            if self.generator.chance(50) {
                imports += "(import \"\(name)\" \"table\" (table $\(name)table 8 funcref))\n"
                scope.tables.append("$\(name)table")
            }
            if self.generator.chance(60) {
                imports += "(import \"\(name)\" \"global\" (global $\(name)global (mut i32)))\n"
                scope.mutableGlobals.append("$\(name)global")
            }
            if self.generator.chance(60) {
                imports += "(import \"\(name)\" \"constant\" (global $\(name)constant i32))\n"
                scope.constants.append("$\(name)constant")
            }
        }
        // A constant of another module is a good initialiser: merging folds it.
        let initial =
            scope.constants.isEmpty || self.generator.chance(40)
            ? "(i32.const \(self.generator.below(64) * 8))" : "(global.get \(self.generator.pick(scope.constants)))"
        scope.memories.append("$memory")
        scope.tables.append("$table")
        scope.mutableGlobals.append("$global")
        scope.constants.append("$constant")
        var module = Module()
        module.functions = 1 + self.generator.below(4)
        var functions = ""
        // From the last to the first: a function calls later ones of its own module, so that calls end.
        for function in (0..<module.functions).reversed() {
            let body = self.expression(depth: 5, scope)
            functions += """
                (func $f\(function) (export "f\(function)") (type $f) (local $y i32) (local $z i64)
                  (global.set $fuel (i32.sub (global.get $fuel) (i32.const 1)))
                  (if (i32.lt_s (global.get $fuel) (i32.const 0)) (then (return (local.get 0))))
                  (local.set $y \(self.expression(depth: 2, scope)))
                  \(body))

                """
            scope.functions.append("$f\(function)")
        }
        var segments = ""
        for segment in 0..<self.generator.below(4) {
            let offset =
                self.generator.chance(50)
                ? "(i32.const \(self.generator.below(4000)))" : "(global.get \(self.importedConstant(scope)))"
            segments +=
                "(data $d\(segment) (memory \(self.generator.pick(scope.memories))) (offset \(offset)) \"abc\\00\\ff\")\n"
        }
        segments += "(data $passive \"0123456789\")\n"
        // Mostly full, so that most indirect calls find somebody.
        let all = (0..<8).map { _ in self.generator.pick(scope.functions) }
        if self.generator.chance(90) {
            segments += "(elem (table $table) (i32.const 0) func \(all.joined(separator: " ")))\n"
        }
        for _ in 0..<self.generator.below(3) {
            let members = (0..<(1 + self.generator.below(3))).map { _ in self.generator.pick(scope.functions) }
            segments += "(elem (table \(self.generator.pick(scope.tables))) (i32.const \(self.generator.below(6)))"
            segments += " func \(members.joined(separator: " ")))\n"
        }
        segments += "(elem $passive func \(scope.functions.joined(separator: " ")))\n"
        var start = ""
        if self.generator.chance(30) {
            scope.hasParameter = false
            start = "(func $start \(self.statement(depth: 2, scope)))\n(start $start)\n"
            module.hasStart = true
        }
        self.text += """
            (core module $M\(index)
            (type $f (func (param i32) (result i32)))
            \(imports)(memory $memory (export "memory") 1 2)
            (table $table (export "table") 8 funcref)
            (global $fuel (mut i32) (i32.const 1000))
            (global $global (export "global") (mut i32) (i32.const \(self.generator.below(100))))
            (global $constant (export "constant") i32 \(initial))
            \(functions)\(segments)\(start))
            (core instance $i\(index) (instantiate $M\(index)\(instances)))

            """
        self.modules.append(module)
    }

    /// Offsets may only ask for globals that are imported or come earlier, which `$constant` does.
    private mutating func importedConstant(_ scope: Scope) -> String { self.generator.pick(scope.constants) }

    private mutating func statement(depth: Int, _ scope: Scope) -> String {
        let value = self.expression(depth: depth, scope)
        switch self.generator.below(8) {
        case 0, 1: return "(global.set \(self.generator.pick(scope.mutableGlobals)) \(value))"
        case 2, 3:
            return "(i32.store \(self.generator.pick(scope.memories)) offset=\(self.generator.below(64)) "
                + "(i32.and \(self.expression(depth: depth, scope)) (i32.const 0x7fff)) \(value))"
        case 4:
            return "(memory.init \(self.generator.pick(scope.memories)) $passive (i32.and \(value) (i32.const 0xfff)) "
                + "(i32.const \(self.generator.below(8))) (i32.const \(self.generator.below(4))))"
        case 5:
            return "(memory.fill \(self.generator.pick(scope.memories)) (i32.and \(value) (i32.const 0xfff)) "
                + "(i32.const \(self.generator.below(256))) (i32.const 40))"
        case 6:
            return "(memory.copy \(self.generator.pick(scope.memories)) \(self.generator.pick(scope.memories)) "
                + "(i32.and \(value) (i32.const 0xfff)) (i32.const \(self.generator.below(4096))) (i32.const 77))"
        default:
            return "(table.init \(self.generator.pick(scope.tables)) $passive (i32.const \(self.generator.below(7))) "
                + "(i32.const 0) (i32.const 1))"
        }
    }

    private mutating func expression(depth: Int, _ scope: Scope) -> String {
        guard depth > 0 else {
            switch self.generator.below(5) {
            case 0: return scope.hasParameter ? "(local.get 0)" : "(global.get $fuel)"
            case 1: return "(global.get \(self.generator.pick(scope.mutableGlobals)))"
            case 2: return "(global.get \(self.generator.pick(scope.constants)))"
            default: return "(i32.const \(self.generator.pick([0, 1, 2, 7, 255, 65_535, -1, Int(Int32.min)])))"
            }
        }
        let a = self.expression(depth: depth - 1, scope)
        switch self.generator.below(14) {
        case 0, 1, 2:
            let operation = self.generator.pick(["add", "sub", "mul", "xor", "and", "or", "shl", "shr_u", "rotl", "eq"])
            return "(i32.\(operation) \(a) \(self.expression(depth: depth - 1, scope)))"
        case 3:
            // Sometimes by zero.
            return
                "(i32.div_u \(a) (i32.or \(self.expression(depth: depth - 1, scope)) (i32.const \(self.generator.chance(99) ? 1 : 0))))"
        case 4, 5:
            let mask = self.generator.chance(99) ? "0x7fff" : "0x1ffff"
            return "(i32.load8_u \(self.generator.pick(scope.memories)) offset=\(self.generator.below(300)) "
                + "(i32.and \(a) (i32.const \(mask))))"
        case 6, 7:
            guard !scope.functions.isEmpty else { return a }
            return "(call \(self.generator.pick(scope.functions)) \(a))"
        case 8:
            return "(call_indirect \(self.generator.pick(scope.tables)) (type $f) \(a) "
                + "(i32.and \(self.expression(depth: depth - 1, scope)) (i32.const \(self.generator.chance(98) ? 7 : 15))))"
        case 9: return "(block (result i32) \(self.statement(depth: depth - 1, scope)) \(a))"
        case 10:
            return "(if (result i32) \(a) (then \(self.expression(depth: depth - 1, scope))) "
                + "(else \(self.expression(depth: depth - 1, scope))))"
        case 11: return "(i32.wrap_i64 (i64.mul (i64.extend_i32_u \(a)) (i64.const 0x123456789abcdef)))"
        case 12: return "(i32.add \(a) (memory.size \(self.generator.pick(scope.memories))))"
        default:
            return "(block $l0 (result i32) (block $l1 (block $l2 (br_table $l1 $l2 $l1 (i32.and \(a) (i32.const 3)))) "
                + "\(self.statement(depth: depth - 1, scope))) \(self.expression(depth: depth - 1, scope)))"
        }
    }
}
