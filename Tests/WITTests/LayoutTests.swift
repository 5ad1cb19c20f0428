import Testing
import WIT

/// Figures from `definitions.py` of the Component Model.
@Suite struct LayoutTests {
    static let table: [(type: String, size: Int, alignment: Int, flat: [CoreType])] = [
        ("bool", 1, 1, [.i32]),
        ("u64", 8, 8, [.i64]),
        ("string", 8, 4, [.i32, .i32]),
        ("list<u64>", 8, 4, [.i32, .i32]),
        ("list<u16, 3>", 6, 2, [.i32, .i32, .i32]),
        ("option<u8>", 2, 1, [.i32, .i32]),
        ("option<u64>", 16, 8, [.i32, .i64]),
        ("option<option<u16>>", 6, 2, [.i32, .i32, .i32]),
        ("result", 1, 1, [.i32]),
        ("result<f32, u32>", 8, 4, [.i32, .i32]),
        ("result<f32, f64>", 16, 8, [.i32, .i64]),
        ("result<f32, f32>", 8, 4, [.i32, .f32]),
        ("result<string, u64>", 16, 8, [.i32, .i64, .i32]),
        ("tuple<u8, u32, u8>", 12, 4, [.i32, .i32, .i32]),
        ("tuple<u8, u8, u64, u16>", 24, 8, [.i32, .i32, .i64, .i32]),
        ("nine", 2, 2, [.i32]),
        ("wide", 2, 2, [.i32]),
        ("resource-handle", 4, 4, [.i32]),
    ]

    @Test(arguments: Self.table) func layOut(type: String, size: Int, alignment: Int, flat: [CoreType]) throws {
        let cases = (0..<257).map { "c\($0)" }.joined(separator: ", ")
        let model = try resolve(
            """
            package a:b;
            interface i {
                flags nine { a, b, c, d, e, f, g, h, i }
                enum wide { \(cases) }
                resource resource-handle;
                f: func(x: \(type));
            }
            """)
        let parameter = try #require(model.interface("i")?.functions.first?.parameters.first)
        let layout = model.layout(of: parameter.type)
        #expect(layout.size == size)
        #expect(layout.alignment == alignment)
        #expect(model.flat(parameter.type) == flat)
    }
}
