/// Components that several suites plan, as wit-component lays them out.
enum Components {
    static let shim = """
        (core module $shim
          (type $write (func (param i32 i32 i32 i32)))
          (type $drop (func (param i32)))
          (table (export "$imports") 2 2 funcref)
          (func (export "0") (type $write)
            local.get 0 local.get 1 local.get 2 local.get 3 i32.const 0 call_indirect (type $write))
          (func (export "1") (type $drop) local.get 0 i32.const 1 call_indirect (type $drop)))
        """

    static let fixup = """
        (core module $fixup
          (import "" "0" (func (param i32 i32 i32 i32)))
          (import "" "1" (func (param i32)))
          (import "" "$imports" (table 2 2 funcref))
          (elem (i32.const 0) func 0 1))
        """

    /// A command that writes to an output stream. Its shim's second slot stands for `second`, a core function.
    static func command(
        shim: String = Components.shim, fixup: String = Components.fixup, second: String = "(func $drop)",
        more: String = ""
    ) -> String {
        """
        (component
          (type $error-type (instance (export "error" (type (sub resource)))))
          (import "wasi:io/error@0.2.0" (instance $error (type $error-type)))
          (alias export $error "error" (type $error-resource))
          (type $streams-type (instance
            (export "output-stream" (type $output-stream (sub resource)))
            (alias outer 1 $error-resource (type $outer-error))
            (export "error" (type $error (eq $outer-error)))
            (type $stream-error-is (variant (case "last-operation-failed" (own $error)) (case "closed")))
            (export "stream-error" (type $stream-error (eq $stream-error-is)))
            (export "[method]output-stream.write"
              (func (param "self" (borrow $output-stream)) (param "contents" (list u8))
                (result (result (error $stream-error)))))))
          (import "wasi:io/streams@0.2.0" (instance $streams (type $streams-type)))
          (alias export $streams "output-stream" (type $output-stream))
          (core module $main
            (import "wasi:io/streams@0.2.0" "[method]output-stream.write" (func (param i32 i32 i32 i32)))
            (import "wasi:io/streams@0.2.0" "[resource-drop]output-stream" (func (param i32)))
            (memory (export "memory") 1)
            (func (export "close") (param i32))
            (func (export "cabi_realloc") (param i32 i32 i32 i32) (result i32) unreachable)
            (func (export "wasi:cli/run@0.2.0#run") (result i32) i32.const 0))
          \(shim)
          \(fixup)
          (core instance $shim (instantiate $shim))
          (alias core export $shim "0" (core func $indirect-write))
          (alias core export $shim "1" (core func $indirect-drop))
          (core func $drop (canon resource.drop $output-stream))
          (core instance $streams-core
            (export "[method]output-stream.write" (func $indirect-write))
            (export "[resource-drop]output-stream" (func $indirect-drop)))
          (core instance $main (instantiate $main (with "wasi:io/streams@0.2.0" (instance $streams-core))))
          (alias core export $main "memory" (core memory $memory))
          (alias core export $main "close" (core func $close))
          (alias core export $main "cabi_realloc" (core func $realloc))
          (alias core export $shim "$imports" (core table $table))
          (core func $write
            (canon lower (func $streams "[method]output-stream.write") (memory $memory) (realloc $realloc)))
          (core instance $fixup-imports
            (export "$imports" (table $table)) (export "0" (func $write)) (export "1" \(second)))
          (core instance $fixup (instantiate $fixup (with "" (instance $fixup-imports))))
          \(more)
          (func $run (result (result)) (canon lift (core func $main "wasi:cli/run@0.2.0#run")))
          (component $run-interface
            (import "import-func-run" (func $run (result (result))))
            (export "run" (func $run)))
          (instance $run-instance (instantiate $run-interface (with "import-func-run" (func $run))))
          (export "wasi:cli/run@0.2.0" (instance $run-instance)))
        """
    }

    /// Defines a resource with a destructor and exports it in an interface, through the usual nested component.
    static let counter = """
        (component
          (core module $main
            (func (export "drop") (param i32))
            (func (export "new") (param i32) (result i32) local.get 0)
            (func (export "get") (param i32) (result i32) local.get 0))
          (core instance $main (instantiate $main))
          (alias core export $main "drop" (core func $destructor))
          (type $counter (resource (rep i32) (dtor (core func $destructor))))
          (core func $new (canon resource.new $counter))
          (core func $rep (canon resource.rep $counter))
          (core module $user
            (import "[export]a:b/counters" "[resource-new]counter" (func (param i32) (result i32)))
            (import "[export]a:b/counters" "[resource-rep]counter" (func (param i32) (result i32))))
          (core instance $intrinsics
            (export "[resource-new]counter" (func $new)) (export "[resource-rep]counter" (func $rep)))
          (core instance (instantiate $user (with "[export]a:b/counters" (instance $intrinsics))))
          (func $constructor (param "start" u32) (result (own $counter)) (canon lift (core func $main "new")))
          (func $get (param "self" (borrow $counter)) (result u32) (canon lift (core func $main "get")))
          (component $interface
            (import "import-type-counter" (type $counter (sub resource)))
            (import "import-constructor-counter" (func $make (param "start" u32) (result (own $counter))))
            (import "import-method-counter-get" (func $get (param "self" (borrow $counter)) (result u32)))
            (export $exported "counter" (type $counter))
            (export "[constructor]counter"
              (func $make) (func (param "start" u32) (result (own $exported))))
            (export "[method]counter.get"
              (func $get) (func (param "self" (borrow $exported)) (result u32))))
          (instance $counters (instantiate $interface
            (with "import-type-counter" (type $counter))
            (with "import-constructor-counter" (func $constructor))
            (with "import-method-counter-get" (func $get))))
          (export "a:b/counters" (instance $counters)))
        """
}
