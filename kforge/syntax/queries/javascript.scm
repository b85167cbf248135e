; What the reader of JavaScript and TypeScript looks at, by the kind of thing it is. Everything else is passed over.

(import_statement) @import
(export_statement source: (string)) @import
(export_statement value: (_) @default)
(variable_declarator) @assignment
(assignment_expression) @assignment
(call_expression) @call
(new_expression) @call
(member_expression) @member
(subscript_expression) @member
(binary_expression operator: ["||" "??"]) @choice
(binary_expression operator: ["===" "==" "!==" "!="]) @comparison
(switch_statement) @switch
(if_statement) @guard
(string) @text
(template_string) @text
(binary_expression operator: "+") @text
(object) @object
(array) @listed
(function_declaration) @function
(generator_function_declaration) @function
(method_definition) @function
(class_declaration) @class
(class) @class
(throw_statement) @end
[(if_statement) (ternary_expression) (binary_expression operator: ["&&" "||" "??"]) (catch_clause) (switch_case)] @condition
(for_in_statement) @loop
(property_identifier) @word
