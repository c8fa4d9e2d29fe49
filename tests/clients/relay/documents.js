// What the Relay client asks for. relay-compiler reads this file, and nothing runs it.
import { graphql } from "relay-runtime";

graphql`
  query documentsCountryQuery($code: String!) {
    country(code: $code) {
      id
      name
      alpha3
    }
  }
`;

graphql`
  query documentsPartyQuery($id: ID!) {
    node(id: $id) {
      ...documents_party @alias(as: "party")
    }
  }
`;

graphql`
  fragment documents_party on Party {
    id
    name
    kind
  }
`;

graphql`
  query documentsShipmentsQuery($count: Int!, $cursor: String) {
    ...documents_shipments @arguments(count: $count, cursor: $cursor)
  }
`;

graphql`
  fragment documents_shipments on Query
  @argumentDefinitions(count: { type: "Int!" }, cursor: { type: "String" })
  @refetchable(queryName: "documentsMoreShipmentsQuery") {
    shipments(first: $count, after: $cursor) @connection(key: "documents_shipments") {
      edges {
        node {
          id
          value
          exporter {
            name
          }
        }
      }
    }
  }
`;

graphql`
  query documentsLatestRevisionQuery {
    revisions(last: 1) {
      nodes {
        number
      }
    }
  }
`;

graphql`
  mutation documentsCreatePartyMutation($input: CreatePartyInput!) {
    createParty(input: $input) {
      revision
      party {
        id
        name
      }
      userErrors {
        code
        message
        path
      }
    }
  }
`;

graphql`
  mutation documentsUpdatePartyMutation($input: UpdatePartyInput!) {
    updateParty(input: $input) {
      party {
        id
        name
      }
      userErrors {
        code
        message
        path
      }
    }
  }
`;

graphql`
  mutation documentsCreateCuratorMutation($input: CreateCuratorInput!) {
    createCurator(input: $input) {
      curator {
        id
      }
    }
  }
`;
