/// Two components in one, in text: `$callee` exports functions, `$caller` imports them and exports `run`.
///
/// Each has its memory with the same allocator, which never gives memory back.
struct ComposedText {
    /// Types and functions that the callee exports and the caller imports: `(func $name type)`, canonical options extra.
    struct Function {
        var name: String
        /// `(param "x" u32) (result u32)`.
        var type: String
        /// Core type: `(param i32) (result i32)`.
        var core: String
        /// The callee's body.
        var body: String
        /// Core type of the lowered function, where it differs.
        var lowered: String?
        var postReturn: String?
    }

    var functions: [Function]
    /// A type that functions refer to as `$named`: records, variants, enums and flags must have a name.
    var named: String?
    /// Body of the caller's `run`, which returns an i32; has locals `$a`, `$b`, `$c`, `$i`.
    var run: String
    /// Data and more fields of the two core modules.
    var callerFields = ""
    var calleeFields = ""
    var callerEncoding = "utf8"
    var calleeEncoding = "utf8"
    /// Body of the callee's and the caller's `realloc` instead of the working one.
    var calleeRealloc: String?
    var callerRealloc: String?

    init(_ functions: [Function], run: String) {
        self.functions = functions
        self.run = run
    }

    private static func allocator(_ body: String?) -> String {
        """
        (memory (export "memory") 1)
        (global $next (export "next") (mut i32) (i32.const 1024))
        (func $realloc (export "realloc") (param $old i32) (param $old-size i32) (param $align i32) (param $size i32)
          (result i32) (local $at i32)
          \(body ?? """
              (global.set $next (i32.and (i32.add (global.get $next) (i32.sub (local.get $align) (i32.const 1)))
                (i32.sub (i32.const 0) (local.get $align))))
              (local.set $at (global.get $next))
              (global.set $next (i32.add (global.get $next) (local.get $size)))
              (memory.copy (local.get $at) (local.get $old) (select (local.get $size) (local.get $old-size)
                (i32.lt_u (local.get $size) (local.get $old-size))))
              (local.get $at)
              """))
        """
    }

    var text: String {
        let lifts = self.functions.map { function in
            let post = function.postReturn == nil ? "" : #"(post-return (core func $m "post-\#(function.name)"))"#
            return """
                (func (export "\(function.name)") \(function.type) (canon lift (core func $m "\(function.name)")
                  string-encoding=\(self.calleeEncoding) (memory (core memory $m "memory"))
                  (realloc (core func $m "realloc")) \(post)))
                """
        }
        let bodies = self.functions.map { function in
            let post =
                function.postReturn.map {
                    #"(func (export "post-\#(function.name)") (param $result i32) \#($0))"#
                } ?? ""
            return #"(func (export "\#(function.name)") \#(function.core) \#(function.body)) \#(post)"#
        }
        let imports = self.functions.map { #"(import "\#($0.name)" (func $\#($0.name) \#($0.type)))"# }
        let lowers = self.functions.map {
            """
            (core func $\($0.name)' (canon lower (func $\($0.name)) string-encoding=\(self.callerEncoding)
              (memory (core memory $libc "memory")) (realloc (core func $libc "realloc"))))
            """
        }
        let exports = self.functions.map { #"(export "\#($0.name)" (func $\#($0.name)'))"# }
        let coreImports = self.functions.map {
            #"(import "callee" "\#($0.name)" (func $\#($0.name) \#($0.lowered ?? $0.core)))"#
        }
        let with = self.functions.map { #"(with "\#($0.name)" (func $callee "\#($0.name)"))"# }
        let own = self.named.map { "(type $named' \($0))" } ?? ""
        let exported = self.named == nil ? "" : #"(export $named "named" (type $named'))"#
        let imported = self.named == nil ? "" : #"(import "named" (type $named (eq $named')))"#
        let alias = self.named == nil ? "" : #"(alias export $callee "named" (type $named))"#
        let withNamed = self.named == nil ? "" : #"(with "named" (type $named))"#
        return """
            (component
              (component $callee
                \(own) \(exported)
                (core module $m
                  \(Self.allocator(self.calleeRealloc))
                  \(self.calleeFields)
                  \(bodies.joined(separator: "\n")))
                (core instance $m (instantiate $m))
                \(lifts.joined(separator: "\n")))
              (component $caller
                \(own) \(imported)
                \(imports.joined(separator: "\n"))
                (core module $libc \(Self.allocator(self.callerRealloc)))
                (core instance $libc (instantiate $libc))
                \(lowers.joined(separator: "\n"))
                (core instance $functions \(exports.joined(separator: "\n")))
                (core module $m
                  \(coreImports.joined(separator: "\n"))
                  (import "libc" "memory" (memory 1))
                  \(self.callerFields)
                  (func (export "run") (result i32) (local $a i32) (local $b i32) (local $c i32) (local $i i32)
                    \(self.run)))
                (core instance $m (instantiate $m (with "callee" (instance $functions)) (with "libc" (instance $libc))))
                (func (export "run") (result u32) (canon lift (core func $m "run"))))
              (instance $callee (instantiate $callee))
              \(alias)
              (instance $caller (instantiate $caller \(withNamed) \(with.joined(separator: "\n"))))
              (export "run" (func $caller "run")))
            """
    }
}
