/// A component in text that imports all of ``TestAPI`` and exports `run`, which returns a `u32`.
///
/// Two core modules: `libc` has the memory, the allocator and a table; `main` imports both it and the host's functions,
/// so that it is wired to a sibling and to re-exported trampolines.
struct GuestText {
    /// Body of the allocator: `$align`, `$size`, the global `$next`, and a table of `()` functions to call.
    var realloc = """
        (global.set $next (i32.and
          (i32.add (global.get $next) (i32.sub (local.get $align) (i32.const 1)))
          (i32.sub (i32.const 0) (local.get $align))))
        (global.get $next)
        (global.set $next (i32.add (global.get $next) (local.get $size)))
        """
    /// Bodies of `run` and, where it is not empty, of its post-return function.
    var run: String
    var postReturn = ""
    /// More fields of the main module.
    var fields = ""

    init(run: String) {
        self.run = run
    }

    static let interface = """
        (export "thing" (type $thing (sub resource)))
        (export "other" (type $other (sub resource)))
        (export "add" (func (param "a" u32) (param "b" u64) (result u64)))
        (export "sum" (func (param "bytes" (list u8)) (result u32)))
        (export "sum-wide" (func (param "numbers" (list u64)) (result u64)))
        (export "greet" (func (param "name" string) (result string)))
        (export "names" (func (param "names" (list string)) (result u32)))
        (export "pair" (func (result (tuple u32 u32))))
        (export "numbers" (func (result (list u32))))
        (export "make" (func (param "value" u32) (result (own $thing))))
        (export "make-other" (func (result (own $other))))
        (export "value" (func (param "thing" (borrow $thing)) (result u32)))
        (export "consume" (func (param "thing" (own $thing)) (result u32)))
        (export "pause" (func))
        (export "refuse" (func))
        """

    private static let coreInstance = """
        (core instance $h
          (export "add" (func $add)) (export "sum" (func $sum)) (export "sum-wide" (func $sum-wide))
          (export "greet" (func $greet)) (export "names" (func $names)) (export "pair" (func $pair)) (export "numbers" (func $numbers))
          (export "make" (func $make))
          (export "make-other" (func $make-other)) (export "value" (func $value))
          (export "consume" (func $consume)) (export "pause" (func $pause)) (export "refuse" (func $refuse))
          (export "drop-thing" (func $drop-thing)) (export "drop-other" (func $drop-other)))
        """

    private static let canons = """
        (core func $add (canon lower (func $api "add")))
        (core func $sum (canon lower (func $api "sum") (memory (core memory $libc "memory"))))
        (core func $sum-wide (canon lower (func $api "sum-wide") (memory (core memory $libc "memory"))))
        (core func $greet
          (canon lower (func $api "greet") (memory (core memory $libc "memory")) (realloc (core func $libc "realloc"))))
        (core func $names (canon lower (func $api "names") (memory (core memory $libc "memory"))))
        (core func $pair (canon lower (func $api "pair") (memory (core memory $libc "memory"))))
        (core func $numbers
          (canon lower (func $api "numbers") (memory (core memory $libc "memory")) (realloc (core func $libc "realloc"))))
        (core func $make (canon lower (func $api "make")))
        (core func $make-other (canon lower (func $api "make-other")))
        (core func $value (canon lower (func $api "value")))
        (core func $consume (canon lower (func $api "consume")))
        (core func $pause (canon lower (func $api "pause")))
        (core func $refuse (canon lower (func $api "refuse")))
        (core func $drop-thing (canon resource.drop $thing))
        (core func $drop-other (canon resource.drop $other))
        """

    var text: String {
        let post = self.postReturn.isEmpty ? "" : "(post-return (core func $main \"post\"))"
        return """
            (component
              (import "test:host/api@1.0.0" (instance $api \(Self.interface)))
              (alias export $api "thing" (type $thing))
              (alias export $api "other" (type $other))
              (core module $libc
                (memory (export "memory") 1)
                (type $callback (func))
                (table (export "table") 1 funcref)
                (global $next (mut i32) (i32.const 1024))
                (func (export "realloc") (param $old i32) (param $old-size i32) (param $align i32) (param $size i32)
                  (result i32) \(self.realloc)))
              (core instance $libc (instantiate $libc))
              \(Self.canons)
              \(Self.coreInstance)
              (core module $main
                (import "h" "add" (func $add (param i32 i64) (result i64)))
                (import "h" "sum" (func $sum (param i32 i32) (result i32)))
                (import "h" "sum-wide" (func $sum-wide (param i32 i32) (result i64)))
                (import "h" "greet" (func $greet (param i32 i32 i32)))
                (import "h" "names" (func $names (param i32 i32) (result i32)))
                (import "h" "pair" (func $pair (param i32)))
                (import "h" "numbers" (func $numbers (param i32)))
                (import "h" "make" (func $make (param i32) (result i32)))
                (import "h" "make-other" (func $make-other (result i32)))
                (import "h" "value" (func $value (param i32) (result i32)))
                (import "h" "consume" (func $consume (param i32) (result i32)))
                (import "h" "pause" (func $pause))
                (import "h" "refuse" (func $refuse))
                (import "h" "drop-thing" (func $drop-thing (param i32)))
                (import "h" "drop-other" (func $drop-other (param i32)))
                (import "libc" "memory" (memory 1))
                (import "libc" "table" (table $table 1 funcref))
                (global $kept (mut i32) (i32.const 0))
                (data (i32.const 16) "World\\ff\\fe\\01\\02\\03")
                \(self.fields)
                (func (export "post") (param i32) \(self.postReturn))
                (func (export "run") (result i32) (local $a i32) (local $b i32) \(self.run)))
              (core instance $main (instantiate $main (with "h" (instance $h)) (with "libc" (instance $libc))))
              (func (export "run") (result u32) (canon lift (core func $main "run") \(post))))
            """
    }
}
