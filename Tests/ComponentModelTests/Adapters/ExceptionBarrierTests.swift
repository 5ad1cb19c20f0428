import ComponentModel
import Testing

/// What keeps exceptions from crossing components; that it does is in `exceptions.wast`.
@Suite struct ExceptionBarrierTests {
    /// `try_table (catch_all 0)`
    private static let barrier: [UInt8] = [0x1F, 0x40, 1, 2, 0]

    /// It costs a little, and nothing is thrown without a tag.
    @Test(arguments: ["", "(tag)"]) func standsOnlyWhereSomethingMayThrow(tag: String) throws {
        let plan = try ComponentText(
            """
            (component
              (component $A
                (core module $m (func (export "f")))
                (core instance $i (instantiate $m))
                (func (export "f") (canon lift (core func $i "f"))))
              (component $B
                (import "f" (func $f))
                (core func $f' (canon lower (func $f)))
                (core module $m (import "" "f" (func $f)) \(tag) (func (export "f") (call $f)))
                (core instance $i (instantiate $m (with "" (instance (export "f" (func $f'))))))
                (func (export "f") (canon lift (core func $i "f"))))
              (instance $a (instantiate $A))
              (instance $b (instantiate $B (with "f" (func $a "f"))))
              (export "f" (func $b "f")))
            """
        ).plan()
        let adapters = try #require(plan.coreModules.compactMap(\.generated).first)
        #expect((adapters.firstRange(of: Self.barrier) != nil) == !tag.isEmpty)
    }
}
